// Which terms a text is found by: the same on both stores, whatever somebody types.
import { queryOf, termsIn, termsOf } from "../../lib/store/terms";

test.each([
  ["words in lower case, each once", "Red chair, RED table", ["red", "chair", "table"]],
  ["letters without their marks, in either form", "Café crème brule\u0301e", ["cafe", "creme", "brulee"]],
  ["digits, and letters that only look different", "ＵＳＢ－Ｃ ② 3.5mm", ["usb", "c", "2", "3", "5mm"]],
  ["pairs of Hangul, and what a word ends with", "나무 의자", ["나무", "무", "의자", "자"]],
  ["Hangul in pieces", "한국".normalize("NFD"), ["한국", "국"]],
  ["a single character", "책 3단", ["책", "3", "단"]],
  ["Korean beside Latin", "LG전자", ["lg", "전자", "자"]],
  ["Han and Kana with their voicing marks", "日本語 ガラス", ["日本", "本語", "語", "ガラ", "ラス", "ス"]],
  ["the vowels of a script that writes them as marks", "हिन्दी", ["हिन्दी"]],
  ["letters beyond 16 bits", "𝒜𠮷野家", ["a", "𠮷野", "野家", "家"]],
  ["no words at all", " \u0000*\"'()-—… \u{1F6D2}", []],
])("a text's terms: %s", (_, text, terms) => {
  expect(termsOf(text)).toEqual(terms);
});

test.each([
  ["the last word is unfinished", "red cha", { terms: ["red"], prefix: "cha" }],
  ["a space ends it", "red cha ", { terms: ["red", "cha"] }],
  ["punctuation ends it", "red cha!", { terms: ["red", "cha"] }],
  ["pairs stand for themselves", "나무의자", { terms: ["나무", "무의", "의자"] }],
  ["a single last character begins a pair", "나무 의", { terms: ["나무"], prefix: "의" }],
  ["operators are words", 'a"b* OR NEAR(', { terms: ["a", "b", "or", "near"] }],
  ["nothing is asked for", " ()", { terms: [] }],
])("a query: %s", (_, text, query) => {
  expect(queryOf(text)).toEqual(query);
});

test("however long a text is, a query has few terms, and a word is not endless", () => {
  expect(queryOf(`${"ab ".repeat(5000)}cd`)).toEqual({ terms: ["ab"], prefix: "ab" });
  expect(queryOf(Array.from({ length: 90 }, (_1, n) => n).join(" ")).terms).toHaveLength(16);
  expect(queryOf("가나다라마바사아자차카타파하거너더러머버".repeat(10)).terms).toHaveLength(16);
  expect(queryOf("x".repeat(10_000)).prefix).toBe("x".repeat(40));
  expect(termsOf("x".repeat(10_000))).toEqual(["x".repeat(40)]);
  expect(termsOf("\uFDFA".repeat(100_000)).length).toBeLessThan(30);
});

test("a document's terms stand with the first field that has them; a field holds a text, or several, or none", () => {
  const document = { _id: "a", name: "Red chair", maker: { name: "Red & Co" }, tags: ["chair", "wood", 3], size: 3 };
  expect(termsIn(document, ["name", "maker.name", "tags", "size", "missing.name", "toString"])).toEqual([
    ["red", "chair"],
    ["co"],
    ["wood"],
    [],
    [],
    [],
  ]);
});

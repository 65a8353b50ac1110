// What a service may rely on when it searches, whichever store it has: the scenarios of the text index.
import type { Change, Collection, Query } from "../../lib/store/store";
import { idsOf, type Scene } from "../helpers/store-items";
import { FIELDS, foundIn, openThings, thing, type Thing } from "../helpers/store-things";

export const searchScenarios = (scene: () => Scene): void => {
  let things: Collection<Thing>;
  const found = (text: string, query?: Query) => foundIn(things, text, query);

  beforeEach(async () => {
    things = await openThings(scene(), FIELDS);
  });

  test("all words must be there, in any field and order; the last one may be unfinished", async () => {
    const chair = thing("chair", "Red chair", { notes: "Made of beech wood", price: 3 });
    await things.putNewer([chair, thing("table", "Red table"), thing("cafe", "Café Crème")]);
    expect(await things.search({ text: "wood RED", limit: 10 })).toStrictEqual([chair]);
    expect(await found("re")).toEqual(["table", "chair"]);
    expect(await found("re ")).toEqual([]);
    expect(await found("red ch")).toEqual(["chair"]);
    expect(await found("ch red")).toEqual([]);
    expect(await found("creme caf")).toEqual(["cafe"]);
    expect(await found("crème, cafe")).toEqual(["cafe"]);
    expect(await found("red sofa")).toEqual([]);
    expect(await found("")).toEqual([]);
  });

  test("Korean is found by any part of a word, whatever particles it has", async () => {
    await things.putNewer([
      thing("chair", "원목의자는 튼튼하다"),
      thing("book", "동화책"),
      thing("lg", "LG전자 냉장고"),
    ]);
    for (const text of ["의자", "원목의자", "목의", "튼튼 원목", "의자".normalize("NFD")])
      expect([text, await found(text)]).toEqual([text, ["chair"]]);
    for (const text of ["책", "동", "동화", "동화책 "]) expect([text, await found(text)]).toEqual([text, ["book"]]);
    expect(await found("lg 냉")).toEqual(["lg"]);
    expect(await found("의책")).toEqual([]);
  });

  test("what has all words in a more important field comes first, among equals what was inserted last", async () => {
    await things.putNewer([
      thing("notes", "Lamp", { notes: "goes with a red chair" }),
      thing("old", "Red chair"),
      thing("both", "Chair", { category: "red things" }),
      thing("new", "Chair, red"),
    ]);
    await things.insert(thing("newest", "A red chair", { notes: "red" }));
    const ranked = ["newest", "new", "old", "both", "notes"];
    expect(await found("red chair")).toEqual(ranked);
    expect(await found("red ch")).toEqual(ranked);
    await things.putNewer([thing("old", "Red chair!", { version: 2 })]);
    expect(await found("red chair")).toEqual(ranked);
  });

  test("pages go on where the page before ended, across fields", async () => {
    const named = Array.from({ length: 7 }, (_, n) => thing(`n${n}`, "red"));
    const noted = Array.from({ length: 7 }, (_, n) => thing(`o${n}`, "blue", { notes: "red" }));
    await things.putNewer([...named, ...noted]);
    const all = [...named, ...noted].map(({ _id }) => _id);
    const wanted = [...all.slice(0, 7).toReversed(), ...all.slice(7).toReversed()];
    const pages = await Promise.all(
      [0, 5, 10, 15].map(async offset => idsOf(await things.search({ text: "red", limit: 5, offset }))),
    );
    expect(pages).toEqual([wanted.slice(0, 5), wanted.slice(5, 10), wanted.slice(10), []]);
    expect(await things.search({ text: "red", limit: 0 })).toEqual([]);
  });

  test("a search may be narrowed by what a query can ask", async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      thing(`t${n}`, "red", { price: n, notes: n % 2 ? "odd" : "even" }),
    );
    await things.putNewer(many);
    expect(await found("red", { price: { $lt: 3 } })).toEqual(["t2", "t1", "t0"]);
    expect(await found("red", { _id: { $in: ["t1", "t50"] } })).toEqual(["t50", "t1"]);
    expect(await found("red odd", { $or: [{ price: 4 }, { price: 5 }] })).toEqual(["t5"]);
    expect(await found("red", { price: 99 })).toEqual([]);
    await expect(things.search({ text: "red", limit: 1, query: { price: undefined } })).rejects.toThrow(TypeError);
  });

  test("a changed document is found by its new words only, a removed one not at all", async () => {
    await things.putNewer([thing("a", "red"), thing("b", "red"), thing("c", "red")]);
    await things.putNewer([thing("a", "blue", { version: 3 })]);
    await things.putNewer([thing("a", "green", { version: 2 }), thing("a", "grey", { version: 3 })]);
    await things.remove("c");
    // A removed one takes no place among the first.
    expect(idsOf(await things.search({ text: "red", limit: 1 }))).toEqual(["b"]);
    expect(await found("blue")).toEqual(["a"]);
    expect(await found("gre")).toEqual([]);
    expect(await found("grey ")).toEqual([]);
    await things.removeAll(["a", "b"]);
    expect(await found("blue")).toEqual([]);
    await things.insert(thing("b", "white"));
    await expect(things.insert(thing("b", "black"))).rejects.toThrow();
    expect([await found("white"), await found("black")]).toEqual([["b"], []]);
  });

  test("a document is answered as it was written, whoever asks for it", async () => {
    const red = thing("a", "red", { price: 3 });
    await things.putNewer([red]);
    await things.insert(thing("b", "blue"));
    const blue = thing("b", "blue", { price: 4 });
    expect(await things.update({ _id: "b" }, { $set: { price: 4 } })).toStrictEqual(blue);
    expect(await things.get("a")).toStrictEqual(red);
    expect(await things.findOne({ price: 3 })).toStrictEqual(red);
    expect(await things.find({ sort: ["_id"] })).toStrictEqual([red, blue]);
    expect(await things.search({ text: "blue", limit: 1 })).toStrictEqual([blue]);
  });

  test("a field that is searched for is not updated", async () => {
    await things.insert(thing("a", "red"));
    const changes: Change[] = [{ $set: { name: "blue" } }, { $unset: { notes: true } }, { $push: { "notes.0": "x" } }];
    for (const change of changes) await expect(things.update({ _id: "a" }, change)).rejects.toThrow(TypeError);
    expect(await things.get("a")).toEqual(thing("a", "red"));
  });

  test("whatever is typed, it is looked for as words", async () => {
    await things.insert(thing("a", "a b or near x", { notes: "\u0000 nul" }));
    for (const text of [
      'a"b* OR NEAR(',
      "a AND b",
      "-a",
      "name:a",
      "^a",
      "a*",
      "{a}",
      "a' OR 1=1 --",
      "(.*)+$",
      "\\x00",
    ])
      await expect(found(text)).resolves.toBeInstanceOf(Array);
    expect(await found('a"b* OR NEAR(')).toEqual(["a"]);
    expect(await found(".*")).toEqual([]);
    expect(await found("nul")).toEqual(["a"]);
    const LONG = 10_000;
    for (const text of [
      "x".repeat(LONG),
      "가나".repeat(LONG / 2),
      '"'.repeat(LONG),
      "a ".repeat(LONG / 2),
      "\uD800x\uDFFF",
    ])
      await expect(found(text)).resolves.toBeInstanceOf(Array);
    await things.insert(thing("long", "가나다".repeat(LONG), { notes: "x".repeat(LONG) }));
    expect(await found("나다가 xxx")).toEqual(["long"]);
  });

  test("without a text index there is no search", async () => {
    await expect(scene().items.search({ text: "red", limit: 1 })).rejects.toThrow("without a text index");
  });
};

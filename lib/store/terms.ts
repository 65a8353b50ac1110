// Which terms a text is found by: words, and overlapping pairs of characters where a script does not part its words.
import type { Document } from "./store";

/** Another number for another rule: what was indexed by the former one is indexed anew. */
export const TERMS_RULE = 1;

/** Characters of a text that are looked at, and of a query. */
const MAX_TEXT = 20_000;
const MAX_QUERY = 200;
/** Terms of a query that count. */
const MAX_QUERY_TERMS = 16;
/** Characters of a word that tell it from others. */
const MAX_WORD = 40;

// Accents and the points of Arabic, not the vowels of Thai and Hindi, and not the voicing marks of Kana.
const ACCENTS = /(?![\u3099\u309A])\p{Script=Inherited}/gu;
const PAIRED = String.raw`(?=[\p{L}\p{N}\p{M}])[\p{scx=Hangul}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]`;
const RUNS = new RegExp(String.raw`(?<paired>(?:${PAIRED})+)|(?:(?!${PAIRED})[\p{L}\p{N}\p{M}])+`, "gu");

/** What a query asks for: all of `terms`, and a term that begins with `prefix`. */
export interface Terms {
  readonly terms: readonly string[];
  readonly prefix?: string;
}

const plain = (text: string): string =>
  text.normalize("NFKC").toLowerCase().normalize("NFKD").replace(ACCENTS, "").normalize("NFC");

const pairsOf = (characters: readonly string[]): string[] =>
  characters.slice(1).map((character, index) => `${characters[index]}${character}`);

interface Run {
  readonly characters: readonly string[];
  readonly isPaired: boolean;
  readonly isLast: boolean;
}

const runsOf = (text: string): Run[] =>
  [...text.matchAll(RUNS)].map(({ 0: run, index, groups }) => ({
    characters: Array.from(run),
    isPaired: groups?.paired !== undefined,
    isLast: index + run.length === text.length,
  }));

const wordOf = (characters: readonly string[]): string => characters.slice(0, MAX_WORD).join("");

/**
 * The terms of a text, each once. Of a run of Hangul, Han or Kana these are all pairs of neighbours and the last
 * character alone, so that each of its characters begins a term.
 */
export const termsOf = (text: string): string[] => {
  const terms = runsOf(plain(text.slice(0, MAX_TEXT))).flatMap(({ characters, isPaired }) =>
    isPaired ? [...pairsOf(characters), ...characters.slice(-1)] : [wordOf(characters)],
  );
  return [...new Set(terms)];
};

/** What a person asks for who types this: the last word is unfinished unless something stands behind it. */
export const queryOf = (text: string): Terms => {
  const terms = new Set<string>();
  for (const { characters, isPaired, isLast } of runsOf(plain(text.slice(0, MAX_QUERY)))) {
    if (terms.size >= MAX_QUERY_TERMS) break;
    const isPair = isPaired && characters.length > 1;
    if (isLast && !isPair) return { terms: [...terms], prefix: wordOf(characters) };
    for (const term of isPair ? pairsOf(characters) : [wordOf(characters)]) terms.add(term);
  }
  return { terms: [...terms].slice(0, MAX_QUERY_TERMS) };
};

const valueAt = (document: object, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, part) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, part)
          ? Reflect.get(value, part)
          : undefined,
      document,
    );

const textAt = (document: object, path: string): string =>
  [valueAt(document, path)]
    .flat()
    .filter(value => typeof value === "string")
    .join("\n");

/** The terms of each of the fields that none before it has. A field holds a text or an array of texts. */
export const termsIn = (document: Document, fields: readonly string[]): string[][] => {
  const seen = new Set<string>();
  return fields.map(field => {
    const terms = termsOf(textAt(document, field)).filter(term => !seen.has(term));
    for (const term of terms) seen.add(term);
    return terms;
  });
};

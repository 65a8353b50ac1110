// Sentences of the catalogues, in one language, with their facts in them: nothing else of the gateway knows words.
import type { Locale } from "../../../contracts/common";
import { fieldErrors, isFieldErrorCode } from "../../../contracts/field-errors";
import { type RefusalCode, refusals } from "../../../contracts/refusals";
import type { FieldError } from "../../../lib/refusal";

type Facts = Readonly<Record<string, unknown>>;

const isWord = (value: unknown) => typeof value === "string" || typeof value === "number";

/** A fact as it is read; undefined when there is none, or one that is no word. */
const wordsOf = (fact: unknown): string | undefined => {
  if (Array.isArray(fact)) return fact.filter(isWord).join(", ");
  return isWord(fact) ? String(fact) : undefined;
};

/** `{name}` is a fact; of `{name|words}`, the words stand where there is no such fact. */
const fill = (sentence: string, facts: Facts): string =>
  sentence.replaceAll(
    /\{(\w+)(?:\|([^}]+))?\}/g,
    (_, name: string, otherwise = "…") => wordsOf(facts[name]) ?? otherwise,
  );

/** The sentence of a refusal's code, with the facts that it names. */
export const sentenceOf = (code: RefusalCode, locale: Locale, facts: Facts = {}): string =>
  fill(refusals[code][locale], facts);

/** A field error as clients see it. */
export interface ToldFieldError {
  path: string;
  code: string;
  message: string;
}

export const tellFieldError = ({ path, code, facts }: FieldError, locale: Locale): ToldFieldError => ({
  path,
  code,
  message: fill(fieldErrors[code][locale], { ...facts }),
});

const isRecord = (value: unknown): value is Facts => typeof value === "object" && value !== null;

/** The field errors in what came from another process: those of the catalogue, and of each no more than it says. */
export const fieldErrorsIn = (value: unknown, limit: number): FieldError[] =>
  (Array.isArray(value) ? value.slice(0, limit) : []).flatMap((item: unknown) => {
    if (!isRecord(item) || typeof item.path !== "string" || !isFieldErrorCode(item.code)) return [];
    const { path, code, facts } = item;
    return [{ path, code, ...(isRecord(facts) ? { facts } : {}) } as FieldError];
  });

// Checks a value against a JSON Schema and says which field is wrong, and what is wrong with it.
import type { TSchema } from "@sinclair/typebox";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import type { FieldError } from "./refusal";
import { fieldErrorsOf, isWhole } from "./schema-errors";

/** Compiles patterns so that they match only what is well-formed. Ajv tells patterns apart by their text. */
const regExp = Object.assign(
  (pattern: string, flags: string) => {
    const compiled = new RegExp(pattern, flags);
    return { test: (value: string) => compiled.test(value) && isWhole(value), toString: () => String(compiled) };
  },
  { code: "regExp" },
);

const validator = (allErrors: boolean) => {
  const ajv = new Ajv({ allErrors, strictTypes: false, verbose: true, code: { regExp } });
  return addFormats(ajv, ["email", "date-time", "uri", "int64"]).addFormat("password", isWhole);
};
const validators = { all: validator(true), first: validator(false) };

/**
 * Characters of JSON beyond which only the first mistake is told: a list of thousands helps nobody and stops the
 * process for everybody.
 */
const LARGE = 4096;

/**
 * Whether a value has more than so many characters as JSON. Looks no further than that, whatever the value's size or
 * depth.
 */
const isLarge = (value: unknown): boolean => {
  const waiting: unknown[] = [value];
  let size = 0;
  const take = (item: unknown) => {
    size += 2;
    waiting.push(item);
    return size > LARGE;
  };
  while (waiting.length > 0 && size <= LARGE) {
    const next = waiting.pop();
    if (typeof next === "string") size += next.length;
    else if (Array.isArray(next)) next.some(take);
    else if (typeof next === "object" && next !== null) {
      for (const [key, item] of Object.entries(next)) {
        size += key.length + 2;
        if (take(item)) break;
      }
    } else size += 1;
  }
  return size > LARGE;
};

/**
 * Compiles a schema to a function that lists what is wrong with a value; an empty list means valid.
 * Of a value over 4 KB only the first mistake is listed.
 */
export const compileCheck = (schema: TSchema): ((value: unknown) => FieldError[]) => {
  const first = validators.first.compile(schema);
  let all: typeof first | undefined;
  return value => {
    if (first(value)) return [];
    if (isLarge(value)) return fieldErrorsOf(first.errors ?? []);
    // Many schemas never meet a mistake: compiling them twice would only make starts longer.
    all ??= validators.all.compile(schema);
    all(value);
    return fieldErrorsOf(all.errors ?? []);
  };
};

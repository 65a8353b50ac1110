// Checks a value against a JSON Schema and says in plain sentences which field is wrong.
import type { TSchema } from "@sinclair/typebox";
import Ajv, { type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { BLANK, CONTROL } from "./contract";
import type { FieldError } from "./refusal";

/**
 * Without halves of characters (a surrogate alone): stores and wires disagree on them, and few languages' patterns know
 * them.
 */
const isWhole = (text: string) => !/\p{Cs}/u.test(text);

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

/** RFC 6901, section 3: `~` and `/` inside a name are written `~0` and `~1`. */
const pointer = (parent: string, name: string) => `${parent}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const HAS_CONTROL = new RegExp(`[${CONTROL}]`, "u");
const IS_BLANK = new RegExp(`^[${BLANK}]*$`, "u");

/** What is wrong with a text as such; undefined when it is something else. */
const textProblem = (value: unknown): string | undefined => {
  if (typeof value !== "string") return undefined;
  if (!isWhole(value)) return "must be well-formed Unicode";
  return HAS_CONTROL.test(value) ? "must not contain control characters" : undefined;
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "an e-mail address",
  uri: "a URI",
  "date-time": "a time such as 2026-01-31T12:00:00Z (RFC 3339)",
};

const NOT_ALLOWED = "has a form that is not allowed";

const unknownField = (path: string, name: string): FieldError => {
  const problem = textProblem(name);
  return { path: pointer(path, name), message: problem ? `is a name that ${problem}` : "is not a known field" };
};

const fieldError = (error: ErrorObject): FieldError => {
  const { instancePath: path, keyword, params, data, message = "is not valid" } = error;
  switch (keyword) {
    case "required":
      return { path: pointer(path, String(params.missingProperty)), message: "is required" };
    case "additionalProperties":
      return unknownField(path, String(params.additionalProperty));
    case "enum":
      return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(", ")}` };
    case "pattern":
      return { path, message: textProblem(data) ?? (IS_BLANK.test(String(data)) ? "must not be blank" : NOT_ALLOWED) };
    case "format":
      return {
        path,
        message: textProblem(data) ?? `must be ${FORMATS[String(params.format)] ?? `a valid ${params.format}`}`,
      };
    case "anyOf":
      return { path, message: textProblem(data) ?? "has a type that is not allowed" };
    default:
      return { path, message };
  }
};

/** One sentence a field. Of alternatives, that none fits says more than how each of them does not. */
const oneEach = (errors: readonly ErrorObject[]): FieldError[] => {
  const alternatives = new Set(
    errors.filter(({ keyword }) => keyword === "anyOf").map(({ instancePath }) => instancePath),
  );
  const said = new Map<string, FieldError>();
  for (const error of errors) {
    if (alternatives.has(error.instancePath) && error.keyword !== "anyOf") continue;
    const told = fieldError(error);
    if (!said.has(told.path)) said.set(told.path, told);
  }
  return [...said.values()];
};

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
    if (isLarge(value)) return oneEach(first.errors ?? []);
    // Many schemas never meet a mistake: compiling them twice would only make starts longer.
    all ??= validators.all.compile(schema);
    all(value);
    return oneEach(all.errors ?? []);
  };
};

// What a JSON Schema finds wrong with a value, as codes and facts: whoever knows a language makes sentences of them.
import type { ErrorObject } from "ajv";
import { BLANK, CONTROL } from "./contract";
import type { FieldError, PlainFieldErrorCode } from "./refusal";

const TYPES: Readonly<Record<string, PlainFieldErrorCode>> = {
  string: "NOT_STRING",
  integer: "NOT_INTEGER",
  number: "NOT_NUMBER",
  boolean: "NOT_BOOLEAN",
  array: "NOT_ARRAY",
  object: "NOT_OBJECT",
};

const FORMATS: Readonly<Record<string, PlainFieldErrorCode>> = {
  email: "NOT_EMAIL",
  uri: "NOT_URI",
  "date-time": "NOT_TIME",
};

const LIMITS = {
  minLength: "TOO_SHORT",
  maxLength: "TOO_LONG",
  minItems: "TOO_FEW_ITEMS",
  maxItems: "TOO_MANY_ITEMS",
  maxProperties: "TOO_MANY_FIELDS",
  minimum: "TOO_LOW",
  maximum: "TOO_HIGH",
} as const;
const isLimit = (keyword: string): keyword is keyof typeof LIMITS => Object.hasOwn(LIMITS, keyword);

/**
 * Without halves of characters (a surrogate alone): stores and wires disagree on them, and few languages' patterns know
 * them.
 */
export const isWhole = (text: string): boolean => !/\p{Cs}/u.test(text);

const HAS_CONTROL = new RegExp(`[${CONTROL}]`, "u");
const IS_BLANK = new RegExp(`^[${BLANK}]*$`, "u");

/** What is wrong with a text as such; undefined when it is something else. */
const textProblem = (value: unknown): "NOT_UNICODE" | "HAS_CONTROLS" | undefined => {
  if (typeof value !== "string") return undefined;
  if (!isWhole(value)) return "NOT_UNICODE";
  return HAS_CONTROL.test(value) ? "HAS_CONTROLS" : undefined;
};

/** RFC 6901, section 3: `~` and `/` inside a name are written `~0` and `~1`. */
const pointer = (parent: string, name: string) => `${parent}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const unknownField = (path: string, name: string): FieldError => {
  const problem = textProblem(name);
  return { path: pointer(path, name), code: problem ? `NAME_${problem}` : "UNKNOWN_FIELD" };
};

const formatError = (path: string, format: string, data: unknown): FieldError => {
  const code = textProblem(data) ?? FORMATS[format];
  return code ? { path, code } : { path, code: "WRONG_FORMAT", facts: { format } };
};

const fieldError = ({ instancePath: path, keyword, params, data }: ErrorObject): FieldError => {
  if (isLimit(keyword)) return { path, code: LIMITS[keyword], facts: { limit: Number(params.limit) } };
  switch (keyword) {
    case "required":
      return { path: pointer(path, String(params.missingProperty)), code: "REQUIRED" };
    case "additionalProperties":
      return unknownField(path, String(params.additionalProperty));
    case "enum":
      return { path, code: "NOT_ONE_OF", facts: { allowed: params.allowedValues as unknown[] } };
    case "pattern":
      return { path, code: textProblem(data) ?? (IS_BLANK.test(String(data)) ? "BLANK" : "WRONG_FORM") };
    case "format":
      return formatError(path, String(params.format), data);
    case "anyOf":
      return { path, code: textProblem(data) ?? "NO_ALTERNATIVE" };
    case "type":
      return { path, code: TYPES[String(params.type)] ?? "INVALID" };
    case "const":
      return { path, code: "WRONG_CONSTANT" };
    default:
      return { path, code: "INVALID" };
  }
};

/** One error a field. Of alternatives, that none fits says more than how each of them does not. */
export const fieldErrorsOf = (errors: readonly ErrorObject[]): FieldError[] => {
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

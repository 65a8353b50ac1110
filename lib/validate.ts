// Checks a value against a JSON Schema and says in plain sentences which field is wrong.
import type { TSchema } from "@sinclair/typebox";
import Ajv, { type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import type { FieldError } from "./refusal";

const validator = (allErrors: boolean) => addFormats(new Ajv({ allErrors, strictTypes: false }), ["email", "date-time", "uri"]);
const validators = { all: validator(true), first: validator(false) };

/** RFC 6901, section 3: `~` and `/` inside a name are written `~0` and `~1`. */
const pointer = (parent: string, name: string) => `${parent}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const NOT_BLANK = "\\S";
const FORMATS: Readonly<Record<string, string>> = { email: "an e-mail address", uri: "a URI", "date-time": "a time such as 2026-01-31T12:00:00Z (RFC 3339)" };

const fieldError = (error: ErrorObject): FieldError => {
  const { instancePath: path, keyword, params, message = "is not valid" } = error;
  switch (keyword) {
    case "required":
      return { path: pointer(path, String(params.missingProperty)), message: "is required" };
    case "additionalProperties":
      return { path: pointer(path, String(params.additionalProperty)), message: "is not a known field" };
    case "enum":
      return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(", ")}` };
    case "pattern":
      return { path, message: params.pattern === NOT_BLANK ? "must not be blank" : "has a form that is not allowed" };
    case "format":
      return { path, message: `must be ${FORMATS[String(params.format)] ?? `a valid ${params.format}`}` };
    case "anyOf":
      return { path, message: "has a type that is not allowed" };
    default:
      return { path, message };
  }
};

/** One sentence a field. Of alternatives, that none fits says more than how each of them does not. */
const oneEach = (errors: readonly ErrorObject[]): FieldError[] => {
  const alternatives = new Set(errors.filter(({ keyword }) => keyword === "anyOf").map(({ instancePath }) => instancePath));
  const said = new Map<string, FieldError>();
  for (const error of errors) {
    if (alternatives.has(error.instancePath) && error.keyword !== "anyOf") continue;
    const told = fieldError(error);
    if (!said.has(told.path)) said.set(told.path, told);
  }
  return [...said.values()];
};

/**
 * Compiles a schema to a function that lists what is wrong with a value; an empty list means valid.
 * With `first` it stops at the first mistake: for values so large that listing all would take long.
 */
export const compileCheck = (schema: TSchema, errors: keyof typeof validators = "all"): ((value: unknown) => FieldError[]) => {
  const validate = validators[errors].compile(schema);
  return value => (validate(value) ? [] : oneEach(validate.errors ?? []));
};

// Checks a value against a JSON Schema and says in plain sentences which field is wrong.
import type { TSchema } from "@sinclair/typebox";
import Ajv, { type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import type { FieldError } from "./refusal";

const ajv = addFormats(new Ajv({ allErrors: true, strictTypes: false }), ["email", "date-time", "uri"]);

/** RFC 6901, section 3: `~` and `/` inside a name are written `~0` and `~1`. */
const pointer = (parent: string, name: string) => `${parent}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const fieldError = (error: ErrorObject): FieldError => {
  const { instancePath: path, keyword, params, message = "is not valid" } = error;
  switch (keyword) {
    case "required":
      return { path: pointer(path, String(params.missingProperty)), message: "is required" };
    case "additionalProperties":
      return { path: pointer(path, String(params.additionalProperty)), message: "is not a known field" };
    case "enum":
      return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(", ")}` };
    default:
      return { path, message };
  }
};

/** Compiles a schema to a function that lists what is wrong with a value; an empty list means valid. */
export const compileCheck = (schema: TSchema): ((value: unknown) => FieldError[]) => {
  const validate = ajv.compile(schema);
  return value => (validate(value) ? [] : (validate.errors ?? []).map(fieldError));
};

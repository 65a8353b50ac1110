// The headers of the OpenAPI document: what each says, and which answers carry them.
import { LOCALES } from "../../../contracts/common";
import type { Json } from "./openapi-schemas";

const header = (description: string, schema: Json, required = true): Json => ({ description, required, schema });

export const headers: Readonly<Record<string, Json>> = {
  "X-Request-ID": header("Names the request in the shop's logs.", {
    type: "string",
    pattern: "^[A-Za-z0-9._-]{1,64}$",
  }),
  "Cache-Control": header("Who may keep the answer, and how long (RFC 9111).", { type: "string" }),
  "Content-Language": header("The language of the sentences.", { type: "string", enum: LOCALES }),
  "WWW-Authenticate": header("How to sign in (RFC 6750).", { type: "string" }),
  Accept: header("What a body may be (RFC 9110, section 15.5.16).", { type: "string" }),
  "Accept-Encoding": header("How a body may be compressed: not at all.", { type: "string", const: "identity" }),
  "Retry-After": header("Seconds after which to try again.", { type: "integer", minimum: 0 }),
  ETag: header("The version of what is shown, for If-None-Match and If-Match.", {
    type: "string",
    pattern: '^"[^"]+"$',
  }),
  Location: header("Where the resource is that was made.", { type: "string", format: "uri-reference" }),
  "Idempotent-Replayed": header("Says that this key was used before, and that this is the answer of then.", {
    type: "string",
    const: "true",
  }),
};

/** Headers that an answer always carries, beside those that every answer has. */
export const headersOf = (...names: readonly string[]): Json =>
  Object.fromEntries(
    ["X-Request-ID", "Cache-Control", ...names].map(name => [name, { $ref: `#/components/headers/${name}` }]),
  );

/** Headers that an answer may carry. */
export const ifAny = (...names: readonly string[]): Json =>
  Object.fromEntries(names.map(name => [name, { ...headers[name], required: false }]));

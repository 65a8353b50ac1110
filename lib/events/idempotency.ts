// Idempotency keys: a repeated request finds what the first one made, because the key says under which id.
import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical-json";

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

/** The id of what an owner's key makes: the same each time, and another one for every other owner or key. */
export const keyedId = (prefix: string, owner: string, key: string): string =>
  `${prefix}_${digest(`${owner}\n${key}`).slice(0, 40)}`;

/** What a request with a key has made, or found made: then it is a repeat, and is told so. */
export interface Once<T> {
  made: T;
  replayed: boolean;
}

/** Tells two requests apart, whatever the order of their fields. */
export const requestHash = (request: unknown): string => digest(canonicalJson(request));

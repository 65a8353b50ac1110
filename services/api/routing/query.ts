// Reads a query string in one pass: each key once, values as their schema wants them, and no more of it than a person
// would write.
import type { TProperties } from "@sinclair/typebox";
import { Refusal } from "../../../lib/refusal";
import { MAX_QUERY_KEYS } from "../http/limits";

/** A value as its schema wants it; what cannot be turned stays text and fails the check. */
const coerce = (type: unknown, text: string): unknown => {
  if ((type === "integer" || type === "number") && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
};

/** Whether the text has more than so many parts between `&`s. Looks no further than that. */
const hasMoreParts = (text: string, limit: number): boolean => {
  let parts = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    parts += 1;
    if (parts > limit) return true;
  }
  return false;
};

/** @throws Refusal MALFORMED_REQUEST where a `%` is not followed by two digits, or the bytes are not UTF-8 */
const refuseBrokenEscapes = (text: string): void => {
  if (!text.includes("%")) return;
  try {
    decodeURIComponent(text);
  } catch {
    throw new Refusal("MALFORMED_REQUEST");
  }
};

/**
 * The query of a URL as it was received. A repeated key becomes a list, which no query parameter accepts.
 * @throws Refusal MALFORMED_REQUEST for a broken escape, VALIDATION_FAILED for more than 30 keys
 */
export const readQuery = (url: string, properties: TProperties): Record<string, unknown> => {
  const start = url.indexOf("?");
  if (start < 0) return {};
  const text = url.slice(start + 1);
  if (hasMoreParts(text, MAX_QUERY_KEYS)) {
    throw new Refusal("VALIDATION_FAILED", {
      errors: [{ path: "", code: "TOO_MANY_PARAMETERS", facts: { limit: MAX_QUERY_KEYS } }],
    });
  }
  refuseBrokenEscapes(text);
  const values = new Map<string, unknown>();
  for (const [key, word] of new URLSearchParams(text)) {
    const value = coerce(Object.hasOwn(properties, key) ? properties[key]?.type : undefined, word);
    const earlier = values.get(key);
    if (Array.isArray(earlier)) earlier.push(value);
    else values.set(key, values.has(key) ? [earlier, value] : value);
  }
  // Own keys, whatever they are called: `__proto__` is a key like any other.
  return Object.fromEntries(values);
};

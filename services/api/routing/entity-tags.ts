// Entity tags as If-Match and If-None-Match name them (RFC 9110, sections 8.8.3 and 13.1), and which of them are
// versions of ours.
import { Type } from "@sinclair/typebox";
import type { IfVersion } from "../../../contracts/versions";
import type { HeaderForm } from "./route";

// Each character belongs to one part of the pattern only, so that a long field costs linear time. A list may have empty
// items
// (section 5.6.1), but there must be a tag in it: a field without any is a client's mistake, and not "whatever version
// there is".
const TAG = '(?:W/)?"[!#-~\\u0080-\\u00ff]*"';
const GAP = "[ \\t]*";
const FIELD = `^${GAP}(?:\\*|(?:,${GAP})*${TAG}(?:${GAP},(?:${GAP}${TAG})?)*)${GAP}$`;

const isField = new RegExp(FIELD, "u");
const tags = new RegExp(TAG, "gu");
const VERSION = /^"([1-9]\d{0,14})"$/;

/** The tags of a field, quotes and `W/` included, or `*`; undefined when it is of another form. */
export const parseTags = (field: string): "*" | readonly string[] | undefined => {
  if (!isField.test(field)) return undefined;
  return field.includes('"') ? (field.match(tags) ?? []) : "*";
};

/** The ETag of a version. */
export const tagOf = (version: number): string => `"${version}"`;

/**
 * What If-Match asks for. Tags are compared as texts and strongly (section 8.8.3.2): a weak one, or one that no version
 * of ours looks like (`"03"`, `"3e0"`), is left out, and so fits nothing.
 * @param field of the form below
 */
export const versionsIn = (field: string): IfVersion => {
  const named = parseTags(field) ?? [];
  return named === "*" ? "*" : named.flatMap(tag => VERSION.exec(tag)?.[1] ?? []).map(Number);
};

/** If-Match, as it is documented and read. */
export const versionsForm: HeaderForm = {
  schema: Type.String({
    maxLength: 1024,
    pattern: FIELD,
    description: "ETags in their quotes, or *. A weak one fits nothing.",
  }),
  mistake: "NOT_ENTITY_TAGS",
  read: versionsIn,
};

/**
 * RFC 9110, section 13.1.2: weak comparison of If-None-Match with the ETag of the answer. A malformed field is ignored.
 */
export const alreadyHas = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag) return true;
  const named = parseTags(ifNoneMatch) ?? [];
  return named === "*" || named.some(tag => tag === etag || tag === `W/${etag}`);
};

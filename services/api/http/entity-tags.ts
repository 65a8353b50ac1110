// Entity tags as If-Match and If-None-Match name them (RFC 9110, sections 8.8.3 and 13.1).

// Each character belongs to one part of the pattern only, so that a long field costs linear time. A list may have empty
// items (section 5.6.1), but there must be a tag in it: a field without any is a client's mistake, and not "whatever
// version there is".
const TAG = '(?:W/)?"[!#-~\\u0080-\\u00ff]*"';
const GAP = "[ \\t]*";
/** The pattern of a field. */
export const FIELD = `^${GAP}(?:\\*|(?:,${GAP})*${TAG}(?:${GAP},(?:${GAP}${TAG})?)*)${GAP}$`;

const isField = new RegExp(FIELD, "u");
const tags = new RegExp(TAG, "gu");

/** The tags of a field, quotes and `W/` included, or `*`; undefined when it is of another form. */
export const parseTags = (field: string): "*" | readonly string[] | undefined => {
  if (!isField.test(field)) return undefined;
  return field.includes('"') ? (field.match(tags) ?? []) : "*";
};

/** The ETag of a version. */
export const tagOf = (version: number): string => `"${version}"`;

/**
 * RFC 9110, section 13.1.2: weak comparison of If-None-Match with the ETag of the answer. A malformed field is ignored.
 */
export const alreadyHas = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag) return true;
  const named = parseTags(ifNoneMatch) ?? [];
  return named === "*" || named.some(tag => tag === etag || tag === `W/${etag}`);
};

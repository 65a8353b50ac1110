// What one request may hold: whatever is longer is refused, wherever it is read.

/** The longest request target, in bytes (RFC 9110, section 4.1, asks for 8000 at least). */
export const MAX_TARGET_BYTES = 16 * 1024;
/** The most of headers, all together. */
export const MAX_HEADER_BYTES = 16 * 1024;
export const MAX_HEADER_LINES = 100;
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of a query: no route takes a third as many. */
export const MAX_QUERY_KEYS = 30;

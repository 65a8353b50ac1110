// Which other web origins may read our answers. Exact matches only: a part of an allowed name is not an allowed name.

const EXPOSED = ["Access-Control-Expose-Headers", "ETag, Location, X-Request-ID, Retry-After, Idempotent-Replayed"];
const REQUEST_HEADERS =
  "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match, X-Request-ID";
/** Seconds that a browser may remember a preflight answer. */
const MAX_AGE = "600";

/** The CORS headers (name, value, …) for a request with this Origin header. */
export type Cors = (origin: string | undefined) => readonly string[];

/** @param origins such as `https://shop.example`; `*` admits all, an empty list nobody */
export const corsOf = (origins: readonly string[]): Cors => {
  if (origins.includes("*")) {
    const all = ["Access-Control-Allow-Origin", "*", ...EXPOSED];
    return () => all;
  }
  if (origins.length === 0) return () => [];
  const allowed = new Set(origins);
  const none = ["Vary", "Origin"];
  return origin =>
    origin !== undefined && allowed.has(origin) ? [...none, "Access-Control-Allow-Origin", origin, ...EXPOSED] : none;
};

/** What a preflight is told besides, at a path with these methods (`GET, HEAD, OPTIONS`). */
export const preflight = (allow: string): string[] => [
  "Allow",
  allow,
  "Access-Control-Allow-Methods",
  allow,
  "Access-Control-Allow-Headers",
  REQUEST_HEADERS,
  "Access-Control-Max-Age",
  MAX_AGE,
];

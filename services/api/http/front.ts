// What stands before all routes: headers that every answer has, and requests that are no fit ones whatever they ask
// for.
import type { IncomingMessage } from "node:http";
import { Refusal } from "../../../lib/refusal";

/**
 * Nobody is to guess what an answer is, to show it in a frame, or to tell others where it came from.
 * Strict-Transport-Security is for whoever ends TLS before this server, which speaks plain HTTP only.
 */
export const SECURITY: readonly string[] = [
  "X-Content-Type-Options",
  "nosniff",
  "Content-Security-Policy",
  "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy",
  "no-referrer",
  "Cross-Origin-Resource-Policy",
  "same-origin",
];

/** RFC 9112, section 3.2.2: `GET http://shop.example/api/products` asks for the same as `GET /api/products`. */
export const toOriginForm = (req: IncomingMessage): void => {
  const { url = "/" } = req;
  if (url.startsWith("/")) return;
  const rest = /^https?:\/\/[^/?#]+(.*)$/is.exec(url)?.[1];
  if (rest !== undefined) req.url = rest.startsWith("/") ? rest : `/${rest}`;
};

const isEncodedWell = (path: string): boolean => {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
};

/**
 * The longest request target that is read (RFC 9110, section 4.1, asks for 8000 at least), and the most of headers:
 * bytes, and how many.
 */
export const MAX_TARGET = 16 * 1024;
export const MAX_HEADERS = 16 * 1024;
export const MAX_HEADER_LINES = 100;

/**
 * Headers with one value that decide who asks, for what, or how often. Of two lines Node shows the first, or joins
 * them; whoever stands before this server may have gone by another (RFC 9110, section 5.3).
 */
export const SINGLE: ReadonlyMap<string, string> = new Map(
  ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"].map(name => [name.toLowerCase(), name]),
);

const repeated = (raw: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = SINGLE.get((raw[index] ?? "").toLowerCase());
    if (name === undefined) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
};

const sizeOf = (raw: readonly string[]): number => raw.reduce((sum, text) => sum + text.length, 0);

/** How many Host headers there are: Node shows only the first. */
const hostsIn = (raw: readonly string[]): number =>
  raw.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === "host").length;

/** Why a request is none that a route should see; undefined when it is fit. */
export const unfit = ({ url = "/", headers, rawHeaders, httpVersion }: IncomingMessage): Refusal | undefined => {
  if (url.length > MAX_TARGET) return new Refusal("URI_TOO_LONG");
  if (rawHeaders.length > 2 * MAX_HEADER_LINES || sizeOf(rawHeaders) > MAX_HEADERS)
    return new Refusal("HEADERS_TOO_LARGE");
  const hosts = hostsIn(rawHeaders);
  // RFC 9112, section 3.2: two hosts, and whoever stands before this server may have gone by the other one.
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0")) return new Refusal("MALFORMED_REQUEST");
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue" && httpVersion !== "1.0")
    return new Refusal("EXPECTATION_FAILED");
  const header = repeated(rawHeaders);
  if (header !== undefined) return new Refusal("HEADER_REPEATED", { header });
  return isEncodedWell(url.split("?", 1)[0] ?? "/") ? undefined : new Refusal("MALFORMED_REQUEST");
};

// What stands before all routes: headers that every answer has, and requests that are no fit ones whatever they ask for.
import type { IncomingMessage } from "node:http";
import type { PlainCode } from "../../lib/refusal";

/**
 * Nobody is to guess what an answer is, to show it in a frame, or to tell others where it came from. Strict-Transport-Security is for
 * whoever ends TLS before this server, which speaks plain HTTP only.
 */
export const SECURITY: readonly string[] = [
  "X-Content-Type-Options", "nosniff",
  "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy", "no-referrer",
  "Cross-Origin-Resource-Policy", "same-origin",
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

/** How many Host headers there are: Node shows only the first. */
const hostsIn = (raw: readonly string[]): number => raw.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === "host").length;

/** Why a request is none that a route should see; undefined when it is fit. */
export const unfit = ({ url = "/", headers, rawHeaders, httpVersion }: IncomingMessage): PlainCode | undefined => {
  const hosts = hostsIn(rawHeaders);
  // RFC 9112, section 3.2: two hosts, and whoever stands before this server may have gone by the other one.
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0")) return "MALFORMED_REQUEST";
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue" && httpVersion !== "1.0") return "EXPECTATION_FAILED";
  return isEncodedWell(url.split("?", 1)[0] ?? "/") ? undefined : "MALFORMED_REQUEST";
};

// What stands before all routes: requests that are no fit ones, whatever they ask for.
import type { IncomingMessage } from "node:http";
import { Refusal } from "../../../lib/refusal";
import { MAX_HEADER_BYTES, MAX_HEADER_LINES, MAX_TARGET_BYTES } from "./limits";

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
 * Headers with one value that decide who asks, for what, or how often. Of two lines Node shows the first, or joins
 * them; whoever stands before this server may have gone by another (RFC 9110, section 5.3).
 */
export const SINGLE_HEADERS: ReadonlyMap<string, string> = new Map(
  ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"].map(name => [name.toLowerCase(), name]),
);

const repeated = (raw: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = SINGLE_HEADERS.get((raw[index] ?? "").toLowerCase());
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
  if (url.length > MAX_TARGET_BYTES) return new Refusal("URI_TOO_LONG");
  if (rawHeaders.length > 2 * MAX_HEADER_LINES || sizeOf(rawHeaders) > MAX_HEADER_BYTES)
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

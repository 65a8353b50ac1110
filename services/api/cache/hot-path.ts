// Sends ready-made answers at nearly the price of a bare node:http server: no header object is built, no array is made.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, requestId } from "../http/response";
import { alreadyHas } from "../http/entity-tags";
import { MAX_HEADER_BYTES, MAX_HEADER_LINES } from "../http/limits";
import { acceptsJson } from "../http/negotiate";
import { SINGLE_HEADERS } from "../http/request-check";

/** The request headers that a ready-made answer depends on. */
interface Glance {
  accept: string | undefined;
  ifNoneMatch: string | undefined;
  requestId: string | undefined;
  hosts: number;
  expects: boolean;
  /** Whether there is too much of them, or too often: the ordinary way refuses it. */
  odd: boolean;
}

/** Node builds `req.headers` when it is first read, which such an answer can do without. */
const glance = (raw: readonly string[]): Glance => {
  const seen: Glance = {
    accept: undefined,
    ifNoneMatch: undefined,
    requestId: undefined,
    hosts: 0,
    expects: false,
    odd: raw.length > 2 * MAX_HEADER_LINES,
  };
  let bytes = 0;
  let singles: string[] | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    bytes += name.length + (raw[index + 1]?.length ?? 0);
    if (name.length === 4) {
      if (name === "Host" || name.toLowerCase() === "host") seen.hosts += 1;
      continue;
    }
    if (name.length !== 6 && name.length !== 12 && name.length !== 13 && name.length !== 15) continue;
    const lower = name.toLowerCase();
    if (lower === "accept")
      seen.accept = seen.accept === undefined ? raw[index + 1] : `${seen.accept}, ${raw[index + 1]}`;
    else if (lower === "expect") seen.expects = true;
    else if (lower === "if-none-match")
      seen.ifNoneMatch = seen.ifNoneMatch === undefined ? raw[index + 1] : `${seen.ifNoneMatch}, ${raw[index + 1]}`;
    else if (lower === "x-request-id") seen.requestId ??= raw[index + 1];
    else if (SINGLE_HEADERS.has(lower)) {
      if (singles?.includes(lower)) seen.odd = true;
      (singles ??= []).push(lower);
    }
  }
  if (bytes > MAX_HEADER_BYTES) seen.odd = true;
  return seen;
};

/** Header lists of one answer, ready for writeHead but for the request's id, which is their second item. */
interface Ready {
  fresh: string[];
  notModified: string[];
}

/** Sends the answer to a GET or HEAD; false when that is not for this request, and nothing was sent. */
export type HotReply = (req: IncomingMessage, res: ServerResponse, answer: Answer) => boolean;

/** @param always headers (name, value, …) that every answer has */
export const hotReply = (always: readonly string[]): HotReply => {
  const made = new WeakMap<Answer, Ready>();
  const readyFor = (answer: Answer): Ready => {
    const known = made.get(answer);
    if (known) return known;
    const ready = {
      fresh: ["X-Request-ID", "", ...answer.headers, ...always],
      notModified: ["X-Request-ID", "", ...answer.unchanged, ...always],
    };
    made.set(answer, ready);
    return ready;
  };
  return (req, res, answer) => {
    const { accept, ifNoneMatch, requestId: offered, hosts, expects, odd } = glance(req.rawHeaders);
    if (hosts !== 1 || expects || odd || !acceptsJson(accept)) return false;
    const { fresh, notModified } = readyFor(answer);
    const has = ifNoneMatch !== undefined && answer.etag !== undefined && alreadyHas(ifNoneMatch, answer.etag);
    const headers = has ? notModified : fresh;
    // writeHead copies the list at once, so that it can be used again for the next request.
    headers[1] = requestId(offered);
    res.writeHead(has ? 304 : answer.status, headers);
    res.end(has ? undefined : answer.body);
    return true;
  };
};

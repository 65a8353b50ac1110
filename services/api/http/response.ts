// An answer as it goes out: a status, a flat list of header names and values, and bytes.
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { alreadyHas } from "./entity-tags";

/** The headers of an answer that an earlier request with the same idempotency key was given, too. */
export const REPLAYED: readonly string[] = ["Idempotent-Replayed", "true"];

export interface Answer {
  status: number;
  /** Name, value, name, value, …: as writeHead takes them. */
  headers: readonly string[];
  /** Undefined for 204. */
  body: Buffer | undefined;
  etag: string | undefined;
  /** The headers of the 304 that says the same (RFC 9110, section 15.4.5). */
  unchanged: readonly string[];
}

/** The headers that a 304 keeps. */
const withoutContent = (headers: readonly string[]): string[] =>
  headers.filter((_, index) => !headers[index - (index % 2)]?.startsWith("Content-"));

/** A strong ETag over the bytes of a body. */
const hashed = (body: Buffer): string => `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;

export interface JsonOptions {
  status?: number;
  cacheControl?: string;
  contentType?: string;
  /** An ETag, or `hash` for one made from the body. Default: none. */
  etag?: string;
  headers?: readonly string[];
}

/** An answer whose body is these bytes of JSON; by default 200 and not to be stored by anyone. */
export const jsonBody = (
  body: Buffer,
  {
    status = 200,
    cacheControl = "no-store",
    contentType = "application/json; charset=utf-8",
    etag,
    headers = [],
  }: JsonOptions = {},
): Answer => {
  const tag = etag === "hash" ? hashed(body) : etag;
  const all = [
    "Content-Type",
    contentType,
    "Content-Length",
    String(body.length),
    "Cache-Control",
    cacheControl,
    ...(tag === undefined ? [] : ["ETag", tag]),
    ...headers,
  ];
  return { status, body, etag: tag, headers: all, unchanged: withoutContent(all) };
};

/** An answer with a value as its JSON body. */
export const json = (value: unknown, options?: JsonOptions): Answer =>
  jsonBody(Buffer.from(JSON.stringify(value)), options);

export const noContent = (headers: readonly string[] = ["Cache-Control", "no-store"]): Answer => ({
  status: 204,
  headers,
  body: undefined,
  etag: undefined,
  unchanged: headers,
});

/** Sends an answer, or 304 when the client has it already. `extra` are the headers of this one request. */
export const send = (req: IncomingMessage, res: ServerResponse, answer: Answer, extra: readonly string[]): void => {
  if (res.headersSent || res.destroyed) return;
  const { status, headers, body, etag, unchanged } = answer;
  if (
    etag !== undefined &&
    status === 200 &&
    (req.method === "GET" || req.method === "HEAD") &&
    alreadyHas(req.headers["if-none-match"], etag)
  ) {
    res.writeHead(304, unchanged.concat(extra));
    res.end();
    return;
  }
  res.writeHead(status, headers.concat(extra));
  res.end(body);
};

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
const instance = randomBytes(6).toString("hex");
let counter = 0;

/** The caller's request id if it is fit to be repeated, else a new one. */
export const requestId = (offered: string | string[] | undefined): string => {
  if (typeof offered === "string" && REQUEST_ID.test(offered)) return offered;
  counter += 1;
  return `${instance}-${counter.toString(36)}`;
};

// Answers what never becomes a request: what Node's HTTP parser could not read, and CONNECT. With a problem like every
// other.
import { ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Locale } from "../../../contracts/common";
import type { RefusalCode } from "../../../contracts/refusals";
import { requestId } from "./response";
import { SECURITY_HEADERS } from "./security-headers";
import { type Problem, problemAnswer } from "./problem";

const CODES: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "BODY_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TOO_SLOW",
};

interface ParserError extends NodeJS.ErrnoException {
  /** What was read last, and how far the parser came in it. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

/** A method (RFC 9110, section 9.1), and what of its line follows. */
const TARGET_BEGUN = /^[!#$%&'*+.^_`|~\w-]+ \S+$/;
const LINE = /^[!#$%&'*+.^_`|~\w-]+ \S+ HTTP\/1\.[01]\r?$/;
const LINE_ENDS = /^ HTTP\/1\.[01]\r?(\n|$)/;

/** What the parser could not read: where it stopped, the line says what it was at. */
const codeOf = ({ code = "", rawPacket, bytesParsed = 0 }: ParserError): RefusalCode => {
  const known = CODES[code] ?? "MALFORMED_REQUEST";
  if (rawPacket === undefined) return known;
  const text = rawPacket.toString("latin1");
  const start = text.lastIndexOf("\n", bytesParsed - 1) + 1;
  if (code === "HPE_HEADER_OVERFLOW")
    return TARGET_BEGUN.test(text.slice(start, bytesParsed)) || LINE_ENDS.test(text.slice(bytesParsed))
      ? "URI_TOO_LONG"
      : known;
  // The end of a body may stand before the method, on the same line; and the parser may have stopped in the middle of
  // it.
  const lineFrom = (at: number) => text.slice(at).split("\n", 1)[0] ?? "";
  if (code === "HPE_INVALID_METHOD")
    return [start, bytesParsed].some(at => LINE.test(lineFrom(at))) ? "METHOD_NOT_IMPLEMENTED" : known;
  return known;
};

/** Milliseconds that a client gets to take the answer and close its end: closing at once could cost it the answer. */
const LINGER_MS = 1000;

const METHODS = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";

/** Nothing is known of the request, so the answer is in the shop's own language. */
const bytesOf = (problem: Problem, locale: Locale): Buffer => {
  const { status, headers, body } = problemAnswer(problem, { locale, instance: "", tokenSent: false });
  const lines = [
    ...headers,
    "X-Request-ID",
    requestId(undefined),
    ...SECURITY_HEADERS,
    "Date",
    new Date().toUTCString(),
    "Connection",
    "close",
  ];
  const head = lines.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${lines[index + 1]}`] : []));
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("\r\n")}\r\n\r\n`),
    body ?? Buffer.alloc(0),
  ]);
};

const sayLast = (socket: Duplex, bytes: Buffer, lingerMs: number): void => {
  if (!socket.writable) return void socket.destroy();
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(timer));
};

/**
 * Answers come in the order of their requests: those of before are sent first, or ours would be taken for one of them.
 */
const afterOthers = (socket: Duplex, then: () => void): void => {
  const current: unknown = Reflect.get(socket, "_httpMessage");
  if (!(current instanceof ServerResponse)) return then();
  // The unreadable request itself, whose head was fine.
  if (!current.req.complete) return void (current.headersSent ? socket.destroy() : then());
  current.once("close", () => afterOthers(socket, then));
};

/** A listener for the server's `clientError`. */
export const answerUnreadable = (locale: Locale, lingerMs = LINGER_MS) => {
  const told = new WeakSet<Duplex>();
  return (error: ParserError, socket: Duplex): void => {
    if (error.code === "ECONNRESET") return void socket.destroy();
    // Each further piece is one more error, and none may cost the client the answer.
    if (told.has(socket)) return;
    if (!socket.writable) return void socket.destroy();
    told.add(socket);
    afterOthers(socket, () => sayLast(socket, bytesOf({ code: codeOf(error), facts: {} }, locale), lingerMs));
  };
};

/** A listener for the server's `connect`: this is no proxy. */
export const refuseConnect =
  (locale: Locale, lingerMs = LINGER_MS) =>
  (_req: unknown, socket: Duplex): void => {
    socket.on("error", () => socket.destroy()).resume();
    sayLast(socket, bytesOf({ code: "METHOD_NOT_ALLOWED", facts: { allow: METHODS } }, locale), lingerMs);
  };

// Answers requests that Node's HTTP parser could not read: with a problem like every other, where it would send a bare status line.
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Locale } from "../../contracts/common";
import type { RefusalCode } from "../../contracts/refusals";
import { requestId } from "./answer";
import { problemAnswer } from "./problem";

const CODES: Readonly<Record<string, RefusalCode>> = { HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE", HPE_CHUNK_EXTENSIONS_OVERFLOW: "BODY_TOO_LARGE", ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TOO_SLOW" };

/** A listener for the server's `clientError`. Nothing is known of the request, so the answer is in the shop's own language. */
export const answerUnreadable = (locale: Locale) => (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const { status, headers, body } = problemAnswer({ code: CODES[error.code ?? ""] ?? "MALFORMED_REQUEST", facts: {} }, { locale, instance: "", tokenSent: false });
  const lines = [...headers, "X-Request-ID", requestId(undefined), "Connection", "close"];
  const head = lines.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${lines[index + 1]}`] : []));
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("\r\n")}\r\n\r\n`), body ?? Buffer.alloc(0)]));
};

// Reads a JSON body: UTF-8, uncompressed, at most 1 MiB. Nothing else gets further than this.
import type { IncomingMessage } from "node:http";
import { type PlainCode, Refusal } from "../../../lib/refusal";
import { MAX_BODY_BYTES } from "./limits";

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?;?$/i;

const refusal = (code: PlainCode) => new Refusal(code);

const hasBody = ({ headers }: IncomingMessage) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** What was sent, as far as it can be shown: a header may hold anything. */
const shown = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 100);

const unsupported = ({ headers: { "content-type": type, "content-encoding": encoding } }: IncomingMessage) => {
  const sent = [
    ...(type ? [shown(type)] : []),
    ...(encoding === undefined ? [] : [`(Content-Encoding: ${shown(encoding)})`]),
  ].join(" ");
  return new Refusal("UNSUPPORTED_MEDIA_TYPE", { ...(sent === "" ? {} : { sent }), accepted: ["application/json"] });
};

/** The rest of an oversized body is read and thrown away: closing the connection could cost the client our answer. */
const readAll = (req: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) return void chunks.push(chunk);
      req.off("data", onData).resume();
      reject(refusal("BODY_TOO_LARGE"));
    };
    req.on("data", onData);
    req.once("end", () => resolve(Buffer.concat(chunks)));
    // The client has gone: nobody reads the answer, but the pipeline must come to an end.
    req.once("error", () => reject(refusal("MALFORMED_BODY")));
    req.once("close", () => reject(refusal("MALFORMED_BODY")));
  });

/**
 * The parsed body; `{}` when there is none.
 * @throws Refusal UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or MALFORMED_BODY
 */
export const readJson = async (req: IncomingMessage): Promise<unknown> => {
  if (!hasBody(req)) return {};
  if (!JSON_TYPE.test(req.headers["content-type"] ?? "")) throw unsupported(req);
  if ((req.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") throw unsupported(req);
  if (Number(req.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw refusal("BODY_TOO_LARGE");
  const bytes = await readAll(req);
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refusal("MALFORMED_BODY");
  }
};

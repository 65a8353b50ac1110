// HTTP requests exactly as they are written: no client tidies the path or adds a header.
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { assertConforms } from "./conformance";

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body, parsed. */
  json<T = Record<string, unknown>>(): T;
}

export interface Asked {
  /** Several values are several lines. */
  headers?: Record<string, string | string[]>;
  /** Text goes as it is, anything else as JSON. */
  body?: unknown;
  token?: string;
}

/**
 * One request on a connection of its own, with the path as it stands. Rejects when the OpenAPI document does not name
 * the answer.
 */
export const ask = (address: string, line: string, { headers = {}, body, token }: Asked = {}): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const [method, path] = line.split(" ");
    const { hostname, port } = new URL(address);
    const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const given = {
      ...(payload === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    };
    const req = httpRequest({ hostname, port, method, path, headers: given, agent: false }, res => {
      let text = "";
      res.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      res.on("end", () => {
        const answered = {
          status: res.statusCode ?? 0,
          headers: res.headers,
          text,
          json: <T>() => JSON.parse(text) as T,
        };
        try {
          assertConforms({ method: method ?? "", path: path ?? "", ...answered });
          resolve(answered);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    req.on("error", reject);
    req.end(payload);
  });

/** The status of an answer, and the code when it is a refusal. */
export const codeOf = (answer: Answered) => [answer.status, answer.status < 400 ? undefined : answer.json().code];

/** The paths of the fields that a refusal names. */
export const pathsOf = (answer: Answered) =>
  answer.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path);

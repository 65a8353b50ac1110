// The yardstick: node:http with nothing on it, answering one file's bytes and headers to everything.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveParent } from "../child";

/** What the raw server repeats; `headers` are name, value, name, value, … */
export interface Recorded {
  status: number;
  headers: string[];
  body: string;
}

const { status, headers, body } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Recorded;
const bytes = Buffer.from(body);

const server = createServer((_req, res) => {
  res.writeHead(status, headers);
  res.end(bytes);
});
server.listen(0, "127.0.0.1", () => serveParent((server.address() as AddressInfo).port));

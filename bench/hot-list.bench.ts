// P1: how close does the gateway come to a bare node:http server on a hot page of the catalogue?
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "./child";
import { Clients } from "./load";
import { atLeast, type Bench, median, type Row } from "./result";
import type { Recorded } from "./servers/raw";

const PATH = "/api/products?limit=20";
const ROUNDS = 7;
const CONNECTIONS = 32;
const WARM_UP = 500;
const MEASURE = 2000;

/** Headers that Node writes by itself, on both servers. */
const OWN = new Set(["date", "connection", "keep-alive"]);

interface Variant {
  name: string;
  server: Server;
  status: 200 | 304;
  headers: Readonly<Record<string, string>>;
  rates: number[];
  cpu: number[];
}

const newVariant = (name: string, server: Server, status: 200 | 304, headers: Variant["headers"] = {}): Variant => ({
  name,
  server,
  status,
  headers,
  rates: [],
  cpu: [],
});

const round = async (variant: Variant): Promise<void> => {
  const { server, status, headers } = variant;
  const clients = await Clients.open(
    { host: "127.0.0.1", port: server.port, path: PATH, headers, connections: CONNECTIONS },
    status,
  );
  try {
    await clients.measure(WARM_UP);
    const before = await server.cpu();
    const { answers, seconds } = await clients.measure(MEASURE);
    variant.cpu.push(((await server.cpu()) - before) / answers);
    variant.rates.push(answers / seconds);
  } finally {
    clients.close();
  }
};

/** An answer of the shop, as the raw server is to repeat it. */
const record = async (port: number, status: number, asked: Readonly<Record<string, string>>): Promise<Recorded> => {
  const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers: asked });
  if (answer.status !== status) throw new Error(`${PATH} answered ${answer.status}, not ${status}`);
  const headers = [...answer.headers].filter(([name]) => !OWN.has(name)).flat();
  return { status, headers, body: await answer.text() };
};

/** Percent of the raw server's rate. */
const GOALS = { 200: 80, 304: 85 } as const;

const rowOf = ({ name, rates, cpu, status }: Variant, raw: Variant): Row => {
  const share = Math.round((100 * median(rates)) / median(raw.rates));
  return {
    variant: name,
    "answers/s": Math.round(median(rates)),
    "% of raw": share,
    "CPU µs/answer": Number(median(cpu).toFixed(1)),
    "% of raw's CPU": Math.round((100 * median(cpu)) / median(raw.cpu)),
    goal: rates === raw.rates ? "" : atLeast(share, GOALS[status], "%"),
  };
};

export const bench: Bench = {
  question: `P1: hot list page (GET ${PATH}), warm, ${CONNECTIONS} connections`,
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
    const shop = await Server.start("shop");
    const raw = async (recorded: Recorded) => {
      const file = join(folder, `${recorded.status}.json`);
      writeFileSync(file, JSON.stringify(recorded));
      return Server.start("raw", [file]);
    };
    const page = await record(shop.port, 200, {});
    const current = { "If-None-Match": page.headers[page.headers.indexOf("etag") + 1] ?? "" };
    const raw200 = newVariant("raw node:http", await raw(page), 200);
    const shop200 = newVariant("gateway", shop, 200);
    const raw304 = newVariant("raw node:http, 304", await raw(await record(shop.port, 304, current)), 304, current);
    const shop304 = newVariant("gateway, 304", shop, 304, current);
    const all = [raw200, shop200, raw304, shop304];
    try {
      for (let count = 0; count < (quick ? 1 : ROUNDS); count += 1) for (const each of all) await round(each);
    } finally {
      for (const { server } of all) server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    return {
      rows: [rowOf(raw200, raw200), rowOf(shop200, raw200), rowOf(raw304, raw304), rowOf(shop304, raw304)],
      note: `${page.body.length} characters a page; medians of ${ROUNDS} interleaved rounds of ${MEASURE / 1000} s.`,
    };
  },
};

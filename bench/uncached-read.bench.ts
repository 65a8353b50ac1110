// P2: what does a read cost that crosses NATS, beside moleculer-web and Moleculer as they come?
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsAnswers, natsCommand } from "../scripts/cluster/nats-server";
import { Server } from "./child";
import { Clients } from "./load";
import { atLeast, type Bench, median, type Row } from "./result";

const ROUNDS = 5;
const CONNECTIONS = 32;
const WARM_UP = 500;
const MEASURE = 2000;

/** Percent of the stock gateway's rate. */
const READS = [
  { name: "a product", path: "/api/products/prd_######", goal: 125 },
  { name: "an order", path: "/api/orders/ord_######", goal: 125 },
  { name: "a page of 20", path: "/api/products?limit=20&category=c######", goal: 140 },
] as const;

/** A gateway and the process of its services, each with the other half of the work. */
interface Pair {
  gateway: Server;
  services: Server;
  headers: Readonly<Record<string, string>>;
}

interface Measured {
  rates: number[];
  /** Microseconds a read. */
  gatewayCpu: number[];
  servicesCpu: number[];
}

const round = async ({ gateway, services, headers }: Pair, path: string, into: Measured): Promise<void> => {
  const load = { host: "127.0.0.1", port: gateway.port, path, headers, connections: CONNECTIONS };
  const clients = await Clients.open(load, 200);
  try {
    await clients.measure(WARM_UP);
    const before = [await gateway.cpu(), await services.cpu()] as const;
    const { answers, seconds } = await clients.measure(MEASURE);
    into.gatewayCpu.push(((await gateway.cpu()) - before[0]) / answers);
    into.servicesCpu.push(((await services.cpu()) - before[1]) / answers);
    into.rates.push(answers / seconds);
  } finally {
    clients.close();
  }
};

/** A customer's token: orders are nobody else's. */
const register = async (port: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/users/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "reader@example.com", password: "a long password", name: "Reader" }),
  });
  if (!answer.ok) throw new Error(`Registering answered ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
};

const rowOf = (name: string, measured: Measured, stock: Measured, goal?: number): Row => {
  const share = Math.round((100 * median(measured.rates)) / median(stock.rates));
  return {
    read: name,
    "reads/s": Math.round(median(measured.rates)),
    "% of stock": share,
    "gateway's CPU µs": Number(median(measured.gatewayCpu).toFixed(1)),
    "services' CPU µs": Number(median(measured.servicesCpu).toFixed(1)),
    goal: goal === undefined ? "" : atLeast(share, goal, "%"),
  };
};

/** The bodies must be the same, so that no one has less to carry. */
const assertSame = async (path: string, pairs: readonly Pair[]): Promise<void> => {
  const bodies = await Promise.all(
    pairs.map(async ({ gateway: { port }, headers }) =>
      (await fetch(`http://127.0.0.1:${port}${path.replace("######", "100000")}`, { headers })).text(),
    ),
  );
  if (new Set(bodies).size !== 1) throw new Error(`${path} is answered in two ways: ${bodies.join("\n")}`);
};

const measure = async (natsUrl: string, servers: Server[]): Promise<Row[]> => {
  const start = async (name: string) => {
    const server = await Server.start(name, [natsUrl]);
    servers.push(server);
    return server;
  };
  const peer = (name: string) => start(join(__dirname, "peers", "stock", name));
  const stock: Pair = { services: await peer("service"), gateway: await peer("gateway"), headers: {} };
  const own = { services: await start("reads"), gateway: await start("gateway") };
  const shop: Pair = { ...own, headers: { Authorization: `Bearer ${await register(own.gateway.port)}` } };
  const newMeasured = (): Measured => ({ rates: [], gatewayCpu: [], servicesCpu: [] });
  const results = READS.map(read => ({ read, stock: newMeasured(), shop: newMeasured() }));
  for (const { path } of READS) {
    await assertSame(path, [stock, shop]);
    // What runs for the first time is compiled for it.
    for (const pair of [stock, shop]) await round(pair, path, newMeasured());
  }
  for (let count = 0; count < ROUNDS; count += 1)
    for (const result of results) {
      await round(stock, result.read.path, result.stock);
      await round(shop, result.read.path, result.shop);
    }
  return results.flatMap(result => [
    rowOf(`${result.read.name}, stock`, result.stock, result.stock),
    rowOf(`${result.read.name}, gateway`, result.shop, result.stock, result.read.goal),
  ]);
};

export const bench: Bench = {
  question: `P2: uncached reads over NATS, ${CONNECTIONS} connections`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
    const { command, port } = await natsCommand(join(folder, "nats.pid"));
    const nats = spawn(command.file, command.args, { env: command.env, stdio: ["pipe", "ignore", "ignore"] });
    const servers: Server[] = [];
    try {
      await natsAnswers(port);
      const rows = await measure(`nats://127.0.0.1:${port}`, servers);
      const note =
        "stock: moleculer-web, Moleculer and its NATS transporter with their defaults, no logs, tokens and ETags. " +
        `Both answer the same bytes, from memory; medians of ${ROUNDS} interleaved rounds of ${MEASURE / 1000} s.`;
      return { rows, note };
    } finally {
      for (const server of servers) server.stop();
      nats.stdin.end("stop\n");
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

// P9: does a shop with a hundred thousand orders start as fast, and take as little memory, as one with a thousand?
import { atMost, type Bench, median, type Row } from "./result";
import { Server } from "./child";
import { ADMIN, emailOf, signIn } from "./market";
import { seeded } from "./seeded";
import { orderId, seedOrders, shopOn } from "./seeded-orders";

const SIZES = [1000, 10_000, 100_000];
const ROUNDS = 5;
const READS = 100;
const GOAL_START_S = 1.5;
const GOAL_MB = 150;
const GOAL_RATIO = 1.5;
const MB = 1_000_000;

interface Shop {
  size: number;
  dataDir: string;
  seen: Map<string, number[]>;
}

const note = ({ seen }: Shop, name: string, value: number) => seen.set(name, [...(seen.get(name) ?? []), value]);

/** Microseconds an answer, one after the other. */
const timeOf = async (port: number, token: string, path: (read: number) => string): Promise<number> => {
  const began = performance.now();
  for (let read = 0; read < READS; read += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}${path(read)}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path(read)} was answered ${answer.status}: ${text}`);
  }
  return (1000 * (performance.now() - began)) / READS;
};

const START = "start, s";
const MEMORY = "memory after the start, MB";
const MEMORY_LATER = "memory after the reads, MB";
const READ = {
  "a customer's orders, µs": () => "/api/orders?limit=20",
  "a customer's confirmed orders, µs": () => "/api/orders?limit=20&status=confirmed",
  "a customer's page 10, µs": () => "/api/orders?limit=5&page=10",
} as const;

const round = async (shop: Shop): Promise<void> => {
  const began = performance.now();
  const server = await Server.start("shop", shopOn(shop.dataDir));
  try {
    note(shop, START, (performance.now() - began) / 1000);
    note(shop, MEMORY, (await server.rss()) / MB);
    const customer = await signIn(server.port, emailOf(0));
    const admin = await signIn(server.port, ADMIN.ADMIN_EMAIL);
    for (const [name, path] of Object.entries(READ)) note(shop, name, await timeOf(server.port, customer, path));
    note(shop, "everybody's orders, µs", await timeOf(server.port, admin, READ["a customer's orders, µs"]));
    const some = () => `/api/orders/${orderId(Math.floor(Math.random() * shop.size))}`;
    note(shop, "one order, µs", await timeOf(server.port, admin, some));
    note(shop, MEMORY_LATER, (await server.rss()) / MB);
  } finally {
    await server.end();
  }
};

const goalOf = (name: string, smallest: number, largest: number): string => {
  if (name === START) return atMost(Number(largest.toFixed(2)), GOAL_START_S, "s");
  if (name === MEMORY || name === MEMORY_LATER) return atMost(Math.round(largest), GOAL_MB, "MB");
  return atMost(Number((largest / smallest).toFixed(2)), GOAL_RATIO, "×");
};

const rowOf = (name: string, shops: readonly Shop[]): Row => {
  const values = shops.map(({ size, seen }) => ({ size, value: median(seen.get(name) ?? []) }));
  const [smallest, largest] = [values[0]?.value ?? Number.NaN, values.at(-1)?.value ?? Number.NaN];
  return {
    what: name,
    ...Object.fromEntries(values.map(({ size, value }) => [`with ${size}`, Number(value.toPrecision(3))])),
    "last ÷ first": Number((largest / smallest).toFixed(2)),
    goal: goalOf(name, smallest, largest),
  };
};

export const bench: Bench = {
  question: "P9: the shop in one process with 1 000 to 100 000 orders of 20 customers",
  async run({ quick }) {
    const [sizes, rounds] = quick ? [SIZES.slice(0, 1), 1] : [SIZES, ROUNDS];
    const shops: Shop[] = [];
    for (const size of sizes) {
      const dataDir = await seeded(`orders-${size}`, folder => seedOrders(folder, size));
      shops.push({ size, dataDir, seen: new Map() });
    }
    for (let count = 0; count < rounds; count += 1) for (const shop of shops) await round(shop);
    const names = [START, MEMORY, ...Object.keys(READ), "everybody's orders, µs", "one order, µs", MEMORY_LATER];
    return {
      rows: names.map(name => rowOf(name, shops)),
      note: [
        `Medians of ${rounds} rounds, sizes interleaved; a round is a new process, ended by kill -9.`,
        "The start is from its fork to the gateway's first word, modules included.",
        `Reads are ${READS} over HTTP, one after the other.`,
        "BENCH_DATA=<folder> keeps what was seeded.",
      ].join(" "),
    };
  },
};

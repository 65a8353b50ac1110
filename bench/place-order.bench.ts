// P5: what does an order cost, from the request to "confirmed", beside a monolith that does the same?
import { join, resolve } from "node:path";
import { buyFor } from "./buyers";
import { Server } from "./child";
import { Cluster } from "./cluster";
import { ADMIN, Market } from "./market";
import { atLeast, atMost, type Bench, median, percentile, type Row } from "./result";

const ROUNDS = 5;
const WARM_UP_MS = 500;
const GOAL_PERCENT = 50;
const GOAL_CPU_MS = 1;
const MAX_CLIENTS = 32;
const WORKLOADS = [16, 32].flatMap(clients => [0, 10].map(contended => ({ clients, contended })));
/** The folder of another checkout, built: its shop is measured in turns with this one's. */
const { BENCH_BASELINE } = process.env;

interface Shop {
  readonly port: number;
  /** Used so far, in microseconds. */
  cpu(): Promise<number>;
  stop(): void;
}

interface Figures {
  rates: number[];
  /** Milliseconds an order, with what is done after the answers. */
  cpu: number[];
  latencies: number[];
}

interface Variant {
  name: string;
  shop: Shop;
  market: Market;
  figures: Map<(typeof WORKLOADS)[number], Figures>;
}

const settings = Object.entries(ADMIN).map(([name, value]) => `${name}=${value}`);

const starts: readonly [name: string, start: () => Promise<Shop>][] = [
  ["fast", () => Server.start(join(__dirname, "peers", "fast", "server.js"))],
  ["shop, one process", () => Server.start("shop", settings)],
  ["cluster", () => Cluster.start(ADMIN)],
  ["cluster, two of orders and products", () => Cluster.start(ADMIN, { orders: 2, products: 2 })],
];
const baseline = (folder: string) => join(resolve(folder), "dist", "bench", "servers", "shop.js");

const open = async (name: string, start: () => Promise<Shop>): Promise<Variant> => {
  const shop = await start();
  return { name, shop, market: await Market.open(shop.port, MAX_CLIENTS), figures: new Map() };
};

const QUIET_LOOK_MS = 200;
const QUIET_WITHIN_MS = 20_000;

/** Until what was put off until after the answers is done: it is part of an order, and would disturb the others. */
const quiet = async (shop: Shop): Promise<void> => {
  const until = performance.now() + QUIET_WITHIN_MS;
  for (let before = await shop.cpu(); performance.now() < until;) {
    await new Promise(done => setTimeout(done, QUIET_LOOK_MS));
    const now = await shop.cpu();
    if ((now - before) / 1000 < QUIET_LOOK_MS / 10) return;
    before = now;
  }
};

const round = async (variant: Variant, workload: (typeof WORKLOADS)[number], measureMs: number): Promise<void> => {
  const { shop, market, figures } = variant;
  const seen = figures.get(workload) ?? { rates: [], cpu: [], latencies: [] };
  figures.set(workload, seen);
  const buyers = await market.buyers(workload.clients);
  const nextOrder = () => market.order(workload.contended);
  try {
    await buyFor(buyers, nextOrder, WARM_UP_MS);
    await quiet(shop);
    const before = await shop.cpu();
    const { orders, seconds, latencies } = await buyFor(buyers, nextOrder, measureMs);
    await quiet(shop);
    seen.rates.push(orders / seconds);
    seen.cpu.push(((await shop.cpu()) - before) / orders / 1000);
    seen.latencies.push(...latencies);
  } finally {
    for (const buyer of buyers) buyer.close();
  }
};

const rowOf = (workload: (typeof WORKLOADS)[number], variant: Variant, fast: Figures): Row => {
  const { rates, cpu, latencies } = variant.figures.get(workload) ?? fast;
  const share = Math.round(100 * median(rates.map((rate, index) => rate / (fast.rates[index] ?? rate))));
  const isOurs = variant.name === "shop, one process";
  const cpuMs = Number(median(cpu).toFixed(2));
  return {
    variant: variant.name,
    clients: workload.clients,
    contended: `${workload.contended} %`,
    "orders/s": Math.round(median(rates)),
    "% of fast": share,
    "CPU ms/order": cpuMs,
    "p50 ms": Number(percentile(latencies, 50).toFixed(1)),
    "p99 ms": Number(percentile(latencies, 99).toFixed(1)),
    goal: isOurs ? `${atLeast(share, GOAL_PERCENT, "%")}; ${atMost(cpuMs, GOAL_CPU_MS, "ms")}` : "",
  };
};

export const bench: Bench = {
  question: 'P5: order placement, POST /api/orders with two lines, from the request to "confirmed"',
  async run({ quick }) {
    const [rounds, measureMs] = quick ? [2, 700] : [ROUNDS, 3000];
    const opened: Variant[] = [];
    try {
      for (const [name, start] of starts) opened.push(await open(name, start));
      if (BENCH_BASELINE)
        opened.push(await open("baseline, one process", () => Server.start(baseline(BENCH_BASELINE), settings)));
      for (const workload of WORKLOADS)
        for (let count = 0; count < rounds; count += 1)
          for (const variant of opened) await round(variant, workload, measureMs);
    } finally {
      for (const { shop } of opened) shop.stop();
    }
    const [fast] = opened;
    return {
      rows: WORKLOADS.flatMap(workload => {
        const yardstick = fast?.figures.get(workload);
        return yardstick ? opened.map(variant => rowOf(workload, variant, yardstick)) : [];
      }),
      note: [
        `Medians of ${rounds} interleaved rounds of ${measureMs / 1000} s; the ratio is taken round by round.`,
        "CPU is that of all processes, with what is done within 20 s after the answers (mail, read models).",
        "fast queues its mails and does not write them;",
        "the shop composes all of them, and delivers each customer's first 5.",
      ].join(" "),
    };
  },
};

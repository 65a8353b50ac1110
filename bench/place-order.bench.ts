// What does an order cost, from the request to "confirmed", in the whole shop in one process? Also beside another
// build.
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { Server } from "./child";
import { type Bench, median, type Row } from "./result";

const ROUNDS = 7;
const WARM_UP_MS = 500;
const MEASURE_MS = 2000;
const BUYERS = 8;
/** The folder of another checkout, built, to compare with: orders of both in turns. */
const { BENCH_BASELINE } = process.env;

interface Variant {
  name: string;
  server: Server;
  token: string;
  /** Each for one piece of another product, so that none is sold out. */
  orders: readonly string[];
  placed: number;
  rates: number[];
  cpu: number[];
}

const post = async (port: number, path: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body,
  });
  return { status: answer.status, json: (await answer.json()) as { token?: string } };
};

/** A shop with a customer. */
const open = async (name: string, server: Server): Promise<Variant> => {
  const customer = { email: `${randomUUID()}@example.com`, password: "correct horse", name: "Kim" };
  const { json } = await post(server.port, "/api/users/register", JSON.stringify(customer));
  const pages = [1, 2].map(async page => {
    const list = await fetch(`http://127.0.0.1:${server.port}/api/products?limit=100&page=${page}`);
    return ((await list.json()) as { data: { items: { id: string; available: number }[] } }).data.items;
  });
  const products = (await Promise.all(pages)).flat().filter(({ available }) => available >= 60);
  const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
  const orders = products.map(({ id }) =>
    JSON.stringify({ items: [{ productId: id, quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } }),
  );
  return { name, server, token: json.token ?? "", orders, placed: 0, rates: [], cpu: [] };
};

const buy = async (variant: Variant, until: number): Promise<number> => {
  const { server, token, orders } = variant;
  for (let placed = 0; ; placed += 1) {
    if (performance.now() >= until) return placed;
    const body = orders[(variant.placed += 1) % orders.length] ?? "";
    const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": randomUUID() };
    const { status } = await post(server.port, "/api/orders", body, headers);
    if (status !== 201) throw new Error(`An order was answered ${status}`);
  }
};

const buyAll = async (variant: Variant, milliseconds: number): Promise<number> => {
  const until = performance.now() + milliseconds;
  const counts = await Promise.all(Array.from({ length: BUYERS }, () => buy(variant, until)));
  return counts.reduce((sum, count) => sum + count, 0);
};

const round = async (variant: Variant): Promise<void> => {
  await buyAll(variant, WARM_UP_MS);
  const [cpu, began] = [await variant.server.cpu(), performance.now()];
  const placed = await buyAll(variant, MEASURE_MS);
  variant.rates.push((1000 * placed) / (performance.now() - began));
  variant.cpu.push(((await variant.server.cpu()) - cpu) / placed / 1000);
};

const rowOf = ({ name, rates, cpu }: Variant, baseline: Variant): Row => ({
  variant: name,
  "orders/s": Number(median(rates).toFixed(1)),
  "% of baseline": Math.round(100 * median(rates.map((rate, index) => rate / (baseline.rates[index] ?? rate)))),
  "CPU ms/order": Number(median(cpu).toFixed(2)),
});

export const bench: Bench = {
  question: `Order placement: POST /api/orders to "confirmed", ${BUYERS} buyers, one process, embedded store`,
  async run() {
    const other = BENCH_BASELINE && join(resolve(BENCH_BASELINE), "dist", "bench", "servers", "shop.js");
    const variants = [await open("this build", await Server.start("shop"))];
    if (other) variants.unshift(await open("baseline", await Server.start(other)));
    const [baseline] = variants;
    if (!baseline) throw new Error("Nothing to measure");
    try {
      for (let count = 0; count < ROUNDS; count += 1) for (const variant of variants) await round(variant);
    } finally {
      for (const { server } of variants) server.stop();
    }
    return {
      rows: variants.map(variant => rowOf(variant, baseline)),
      note: `Medians of ${ROUNDS} interleaved rounds of ${MEASURE_MS / 1000} s. BENCH_BASELINE=<checkout> compares.`,
    };
  },
};

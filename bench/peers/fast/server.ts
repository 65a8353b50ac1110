// The yardstick for orders: what one Fastify process does that has everything in its hand. Same work, same durability.
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { fastify } from "fastify";
import { canonicalJson } from "../../../lib/canonical-json";
import { serveParent } from "../../child";
import { Writer } from "./group-commit";
import type { Orders } from "./orders";
import type { Sandbox } from "./sandbox";
import { KeyHeader, NewProduct, type Order, OrderAnswer, PlaceOrder, Registration } from "./shapes";
import { callerOf, issue } from "./tokens";

const [, , given] = process.argv;
const folder = given ?? mkdtempSync(join(tmpdir(), "jangteo-fast-"));
if (given === undefined) process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const thread = (name: string) => new Worker(join(__dirname, `${name}.js`), { workerData: join(folder, `${name}.db`) });
const orders = new Writer<Orders>(thread("orders"));
const sandbox = new Writer<Sandbox>(thread("sandbox"));

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const now = () => new Date().toISOString();

/** Takes the held money; nobody waits for it. What a crash leaves undone here is done after the next start. */
const capture = async ({ id }: Order): Promise<void> => {
  const { status } = await sandbox.run("capture", id);
  if (status === "captured") await orders.run("captured", id, now());
};

/** Takes the order to its end: the answer goes out as soon as it is decided. */
const settle = async (order: Order): Promise<Order> => {
  const { amount, currency } = order.total;
  const { status, reference } = await sandbox.run("authorize", order.id, amount, currency, order.payment.method);
  if (status === "declined") return (await orders.run("reject", order.id, now())) ?? order;
  const confirmed = (await orders.run("confirm", order.id, reference, now())) ?? order;
  capture(confirmed).catch(console.error);
  return confirmed;
};

const app = fastify({
  bodyLimit: 1024 * 1024,
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
});

app.post<{ Body: Registration }>("/api/users/register", { schema: { body: Registration } }, async (_req, reply) => {
  const id = `usr_${randomUUID().replaceAll("-", "")}`;
  return reply.code(201).send({ success: true, user: { id }, token: issue(id) });
});

// Nobody measures signing in: whoever comes is let in.
app.post("/api/users/login", async () => ({ success: true, token: issue("admin") }));

app.post<{ Body: NewProduct }>("/api/products", { schema: { body: NewProduct } }, async ({ body }, reply) => {
  const id = `prd_${randomUUID().replaceAll("-", "")}`;
  await orders.run("addProduct", id, body);
  return reply.code(201).send({ success: true, data: { id } });
});

app.get<{ Params: { id: string } }>("/api/products/:id", async ({ params }) => ({
  success: true,
  data: await orders.run("product", params.id),
}));

app.get<{ Params: { id: string } }>("/api/orders/:id", async ({ params }) => ({
  success: true,
  data: await orders.run("order", params.id),
}));

app.post<{ Body: PlaceOrder; Headers: KeyHeader }>(
  "/api/orders",
  { schema: { body: PlaceOrder, headers: KeyHeader, response: { 201: OrderAnswer } } },
  async ({ body, headers }, reply) => {
    const userId = callerOf(headers.authorization);
    if (userId === undefined) return reply.code(401).send({ success: false, error: "UNAUTHENTICATED" });
    // One key of one user is one order, whatever happens in between.
    const id = `ord_${digest(`${userId}\n${headers["idempotency-key"]}`).slice(0, 40)}`;
    const placed = await orders.run("place", id, userId, body, digest(canonicalJson(body)), now());
    if (placed.outcome === "refused") return reply.code(placed.status).send({ success: false, error: placed.error });
    const order = placed.order.status === "pending" ? await settle(placed.order) : placed.order;
    if (order.status === "rejected") return reply.code(402).send({ success: false, error: "PAYMENT_DECLINED" });
    return reply
      .code(201)
      .headers({ "Cache-Control": "no-store", ETag: `"${order.version}"`, Location: `/api/orders/${id}` })
      .send({ success: true, data: order });
  },
);

const main = async () => {
  for (const order of await orders.run("unsettled"))
    await (order.status === "pending" ? settle(order) : capture(order));
  await app.listen({ port: 0, host: "127.0.0.1" });
  serveParent((app.server.address() as AddressInfo).port);
};

void main();

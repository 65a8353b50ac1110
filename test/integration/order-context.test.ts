// Whose order is it that a step works for? Request id, deadline and trace of whoever waits reach the other services,
// and
// stay with the order's events; what the sweep does is a request of its own.
import type { Context, ServiceSchema } from "moleculer";
import { Errors } from "moleculer";
import type { orderEvents } from "../../contracts/orders";
import { EventStore } from "../../lib/events/event-store";
import type { Caused } from "../../lib/events/metadata";
import { callerOf } from "../../lib/moleculer/middlewares/caller";
import { type Started, startServices } from "../helpers/broker";
import { openOnce } from "../helpers/around-store";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const usd = (amount: number) => ({ amount, currency: "USD" });
interface Heard {
  action: string;
  requestId: string | null;
  traceparent: unknown;
  timeLeftMs: number;
}

/** Products and payments that say yes to everything, and write down by whom they were asked. */
const othersThat = (heard: Heard[], down: () => boolean): ServiceSchema[] => {
  const answering = (answer: object) => (ctx: Context<object, { traceparent?: unknown }>) => {
    heard.push({
      action: ctx.action?.name ?? "",
      requestId: ctx.requestID,
      traceparent: ctx.meta.traceparent,
      timeLeftMs: callerOf(ctx).timeLeft(),
    });
    if (down()) throw new Errors.MoleculerError("down", 500, "DOWN");
    return answer;
  };
  const payment = { reference: "r" };
  const quotes = [{ productId: "p1", sku: "MUG", name: "Mug", unitPrice: usd(500) }];
  return [
    {
      name: "products",
      actions: {
        quote: () => quotes,
        reserve: answering({ outcome: "reserved" }),
        sell: answering({ outcome: "sold" }),
        release: answering({}),
      },
    },
    {
      name: "payments",
      actions: {
        authorize: answering({ ...payment, status: "authorized" }),
        capture: answering({ ...payment, status: "captured" }),
        cancel: answering({ ...payment, status: "refunded" }),
      },
    },
  ];
};

const setUp = async () => {
  const heard: Heard[] = [];
  const world = { isDown: false };
  const store = openOnce(await temporaryStore());
  const shop = await startServices(["orders"], { openStore: async () => store });
  for (const service of othersThat(heard, () => world.isDown)) shop.broker.createService(service);
  await shop.broker.waitForServices(["products", "payments"]);
  const token = await tokenMaker(shop.broker);
  const order = {
    items: [{ productId: "p1", quantity: 1 }],
    shippingAddress: { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" },
    payment: { method: "sandbox:ok" as const },
  };
  const placing = (idempotencyKey: string) => ({ ...order, idempotencyKey });
  const eventsFor = async (shopOf: Started, id: string, role: "customer" | "admin") => {
    const caller = { token: role === "admin" ? token("root", "admin") : token("kim") };
    return (await shopOf.call("orders.events", { id }, caller)) as Caused<{ type: string }>[];
  };
  return { shop, token, placing, heard, world, store, eventsFor };
};
const place = ({ shop, token, placing }: Awaited<ReturnType<typeof setUp>>, key: string) =>
  shop.broker.call("orders.place", placing(key), {
    headers: { token: token("kim") },
    requestID: "client-1",
    meta: { traceparent: TRACE },
    timeout: 6000,
  }) as Promise<{ order: { id: string; status: string } }>;

describe("while a client waits, each step of the checkout", () => {
  test("is a part of his request, with his trace, and within his time", async () => {
    const world = await setUp();
    await place(world, "in-context");
    expect(world.heard.map(({ action }) => action).sort()).toEqual([
      "payments.authorize",
      "payments.capture",
      "products.reserve",
      "products.sell",
    ]);
    for (const { requestId, traceparent, timeLeftMs } of world.heard) {
      expect([requestId, traceparent]).toEqual(["client-1", TRACE]);
      expect(timeLeftMs).toBeLessThanOrEqual(6000);
    }
  });

  test("leaves with its events who asked, which admins see and the customer does not", async () => {
    const world = await setUp();
    const { order } = await place(world, "with-metadata");
    const metadata = { requestId: "client-1", traceparent: TRACE, actorId: "kim" };
    const forAdmin = await world.eventsFor(world.shop, order.id, "admin");
    expect(forAdmin.map(event => event.metadata)).toEqual(Array.from({ length: 6 }, () => metadata));
    expect(forAdmin[0]).not.toHaveProperty("data.slot");
    for (const event of await world.eventsFor(world.shop, order.id, "customer"))
      expect(event).not.toHaveProperty("metadata");
  });

  test("says by name what could not be done", async () => {
    const world = await setUp();
    world.world.isDown = true;
    const { order } = await place(world, "named");
    expect(world.shop.logs.filter(line => line.includes(`Order ${order.id}`))).toEqual([
      expect.stringContaining("reserve-stock failed: down"),
    ]);
  });
});

test("a trace that is none is not kept", async () => {
  const { shop, token, placing, eventsFor } = await setUp();
  const { order } = await (shop.broker.call("orders.place", placing("no-trace"), {
    headers: { token: token("kim") },
    meta: { traceparent: "<script>" },
  }) as Promise<{ order: { id: string } }>);
  const [first] = await eventsFor(shop, order.id, "admin");
  expect(first?.metadata).toEqual({ requestId: expect.any(String), actorId: "kim" });
});

test("each try of the sweep is a request of its own, and nobody's", async () => {
  const world = await setUp();
  world.world.isDown = true;
  const { order } = await place(world, "left-behind");
  expect(order.status).toBe("pending");
  world.heard.length = 0;
  world.world.isDown = false;
  const isDone = () => world.heard.some(({ action }) => action === "payments.capture");
  for (const end = Date.now() + 20_000; !isDone() && Date.now() < end;)
    await new Promise(resolve => setTimeout(resolve, 50));
  const ids = new Set(world.heard.map(({ requestId }) => requestId));
  expect([...ids]).toEqual([expect.stringMatching(/^sweep_/)]);
  const isPaid = async () => (await world.eventsFor(world.shop, order.id, "admin")).length === 6;
  for (const end = Date.now() + 20_000; !(await isPaid()) && Date.now() < end;);
  const [placed, ...rest] = await world.eventsFor(world.shop, order.id, "admin");
  expect(placed?.metadata).toMatchObject({ requestId: "client-1", actorId: "kim" });
  expect(rest.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 5 }, () => ({ requestId: [...ids][0] })));
});

test("events of a log that knows nothing of who caused them are shown as they are", async () => {
  const world = await setUp();
  const log = await EventStore.open<typeof orderEvents>(world.store, () => new Date());
  const { items, shippingAddress, payment } = world.placing("old");
  const data = {
    userId: "kim",
    requestHash: "h",
    items: items.map(item => ({ ...item, sku: "MUG", name: "Mug", unitPrice: usd(500), lineTotal: usd(500) })),
    total: usd(500),
    shippingAddress,
    paymentMethod: payment.method,
  };
  await log.append([{ stream: "ord_old", expectedVersion: 0, events: [{ type: "OrderPlaced", data }] }]);
  for (const role of ["admin", "customer"] as const) {
    const [event] = await world.eventsFor(world.shop, "ord_old", role);
    expect(event).toMatchObject({ type: "OrderPlaced", version: 1 });
    expect(event).not.toHaveProperty("metadata");
  }
});

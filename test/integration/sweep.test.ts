// The sweep over any number of stuck orders: those that can settle do, whoever is silent; counted in rounds, not
// seconds.
import type { Order } from "../../contracts/orders";
import type { KnownOrder, OrderEvent, OrderState, Recorded } from "../../services/orders/order";
import { evolve, noOrder } from "../../services/orders/order";
import { openEntries } from "../../services/orders/order-entry";
import type { Followed } from "../../services/orders/order-commands";
import { OrderList } from "../../services/orders/order-list";
import { Sweep } from "../../services/orders/sweep";
import { Unsettled } from "../../services/orders/unsettled";
import { temporaryStore } from "../helpers/store";

const START = Date.parse("2026-01-01T00:00:00.000Z");
const MINUTE = 60_000;
const usd = (amount: number) => ({ amount, currency: "USD" });
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const item = { productId: "p1", sku: "P-1", name: "Mug", quantity: 1, unitPrice: usd(500), lineTotal: usd(500) };
const placed: OrderEvent = {
  type: "OrderPlaced",
  data: {
    userId: "kim",
    requestHash: "h",
    items: [item],
    total: usd(500),
    shippingAddress,
    paymentMethod: "sandbox:ok",
  },
};
type Plain = "StockReserved" | "PaymentUnknown" | "OrderConfirmed" | "StockSold" | "PaymentCaptured";
const event = (type: Plain): OrderEvent => ({ type, data: {} });
const ended: OrderEvent[] = [event("OrderConfirmed"), event("StockSold"), event("PaymentCaptured")];

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Orders as they stood at some time, and a sweep whose tries are counted; a silent order's try never ends. */
const setUp = async () => {
  const entries = await openEntries(await temporaryStore());
  const list = new OrderList(entries);
  const orders = new Map<string, KnownOrder>();
  const tries = new Map<string, number>();
  const hanging = new Set<() => void>();
  let now = START;

  const happen = async (id: string, ...events: OrderEvent[]): Promise<KnownOrder> => {
    const from: OrderState = orders.get(id) ?? noOrder;
    const recorded = (one: OrderEvent, index: number) =>
      ({
        ...one,
        id: "",
        aggregateId: id,
        version: from.version + index + 1,
        timestamp: new Date(now).toISOString(),
      }) as Recorded;
    const order = events.map(recorded).reduce<OrderState>(evolve, from);
    if (order.status === "absent") throw new Error("no events given");
    orders.set(id, order);
    await list.show(order);
    return order;
  };
  const known = (id: string): KnownOrder =>
    orders.get(id) ??
    (() => {
      throw new Error(`no order ${id}`);
    })();

  const behaviour = { silent: "hang" as "hang" | "answer" };
  const runner = {
    isRunning: () => false,
    async advance(id: string): Promise<Followed> {
      tries.set(id, (tries.get(id) ?? 0) + 1);
      const isKilled = id.startsWith("killed") && known(id).status === "pending";
      if (!isKilled && behaviour.silent === "hang") await new Promise<void>(resolve => hanging.add(resolve));
      return { order: isKilled ? await happen(id, ...ended) : known(id), atRest: undefined };
    },
  };
  const commands = {
    change: async (id: string, decide: (order: KnownOrder) => readonly OrderEvent[]) => {
      const events = decide(known(id));
      return events.length > 0 ? happen(id, ...events) : known(id);
    },
  };
  const parts = {
    unsettled: new Unsettled(entries),
    commands,
    runner,
    newOrigin: () => ({ call: () => Promise.reject(new Error("Nobody is there.")), metadata: {} }),
    now: () => new Date(now),
    expiryMs: 15 * MINUTE,
  };
  const sweep = () => new Sweep(parts, logger);
  const statuses = (prefix: string): Order["status"][] =>
    [...orders].filter(([id]) => id.startsWith(prefix)).map(([, { status }]) => status);
  return {
    happen,
    sweep,
    tries,
    statuses,
    behaviour,
    entries,
    known,
    pass: (milliseconds: number) => void (now += milliseconds),
    release() {
      behaviour.silent = "answer";
      hanging.forEach(resolve => resolve());
    },
  };
};

type World = Awaited<ReturnType<typeof setUp>>;
const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, "0")}`);
const silent = async ({ happen }: World, count: number) => {
  for (const id of ids("silent", count)) await happen(id, placed, event("StockReserved"), event("PaymentUnknown"));
};
const killed = async ({ happen }: World, count: number) => {
  for (const id of ids("killed", count)) await happen(id, placed);
};
/** Lets what a round began, and what can end, go as far as it goes. */
const pauses = async (done: () => boolean) => {
  for (let turn = 0; turn < 2000 && !done(); turn += 1) await new Promise(resolve => setTimeout(resolve, 1));
};

const SILENT_PROVIDER =
  "five hundred orders with a silent provider hold up twenty that a killed process left by not one round";
test(SILENT_PROVIDER, async () => {
  const world = await setUp();
  await silent(world, 500);
  world.pass(MINUTE);
  await killed(world, 20);
  world.pass(3000);
  const sweep = world.sweep();
  await sweep.round();
  await pauses(() => world.statuses("killed").every(status => status === "confirmed"));
  expect(world.statuses("killed")).toEqual(Array.from({ length: 20 }, () => "confirmed"));
  // A round waits for nobody: while all these tries hang, the next one still begins.
  expect(await sweep.round()).toBe(true);
  world.release();
  await sweep.settled();
});

const EACH_ITS_TURN =
  "each of five hundred stuck orders gets its turn, none twice before all had one, also after a restart";
test(EACH_ITS_TURN, async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  await silent(world, 500);
  world.pass(3000);
  for (let rounds = 0; rounds < 30 && world.tries.size < 500; rounds += 1) {
    // A new process each time: what it knows of who was tried when is in the store.
    const sweep = world.sweep();
    await sweep.round();
    await sweep.settled();
  }
  expect(world.tries.size).toBe(500);
  expect(new Set(world.tries.values())).toEqual(new Set([1]));
});

test("two processes do not try the same order at the same time", async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  await silent(world, 30);
  world.pass(3000);
  const [one, other] = [world.sweep(), world.sweep()];
  await Promise.all([one.round(), other.round()]);
  await Promise.all([one.settled(), other.settled()]);
  expect([...world.tries.values()]).toEqual(Array.from({ length: 30 }, () => 1));
});

test("a stuck order is tried ever more rarely, and never given up", async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  const cancelled: OrderEvent = { type: "OrderCancelled", data: { by: "kim" } };
  await world.happen("silent-1", placed, event("StockReserved"), event("PaymentUnknown"), cancelled);
  const sweep = world.sweep();
  const triesIn = async (minutes: number) => {
    const before = world.tries.get("silent-1") ?? 0;
    for (let second = 0; second < minutes * 60; second += 1) {
      world.pass(1000);
      await sweep.round();
      await sweep.settled();
    }
    return (world.tries.get("silent-1") ?? 0) - before;
  };
  const [first, , third] = [await triesIn(5), await triesIn(5), await triesIn(10)];
  expect(first).toBeGreaterThan(4);
  expect(third).toBeLessThanOrEqual(3);
  expect(third).toBeGreaterThanOrEqual(1);
});

describe("a clock that jumps", () => {
  test("ahead by a day ends no order that settles when it is tried", async () => {
    const world = await setUp();
    await killed(world, 20);
    world.pass(24 * 60 * MINUTE);
    const sweep = world.sweep();
    await sweep.round();
    await sweep.settled();
    expect(new Set(world.statuses("killed"))).toEqual(new Set(["confirmed"]));
  });

  test("back by a day leaves no order waiting for a day", async () => {
    const world = await setUp();
    world.behaviour.silent = "answer";
    await silent(world, 3);
    world.pass(-24 * 60 * MINUTE);
    const sweep = world.sweep();
    for (let second = 0; second < 10; second += 1) {
      await sweep.round();
      await sweep.settled();
      world.pass(1000);
    }
    expect(world.statuses("silent")).toEqual(["rejected", "rejected", "rejected"]);
    expect(world.known("silent-000")).toMatchObject({ failure: { code: "EXPIRED" } });
  });
});

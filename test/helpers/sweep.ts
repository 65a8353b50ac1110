// Orders as they stood at some time, and a sweep over them whose tries are counted.
import type { Order } from "../../contracts/orders";
import type { KnownOrder, OrderEvent, OrderState, PlacedEvent, Recorded } from "../../services/orders/order";
import type { Counts } from "../../lib/events/counters";
import { evolve, noOrder } from "../../services/orders/order";
import { type Entry, orderEntries, type OrderModel } from "../../services/orders/order-entry";
import type { Followed } from "../../services/orders/order-commands";
import { Sweep } from "../../services/orders/sweep";
import { Unsettled } from "../../services/orders/unsettled";
import { temporaryStore } from "./store";

const START = Date.parse("2026-01-01T00:00:00.000Z");
export const MINUTE = 60_000;
const usd = (amount: number) => ({ amount, currency: "USD" });
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const item = { productId: "p1", sku: "P-1", name: "Mug", quantity: 1, unitPrice: usd(500), lineTotal: usd(500) };
export const placed: PlacedEvent = {
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
export const event = (type: Plain): OrderEvent => ({ type, data: {} });
const ended: OrderEvent[] = [event("OrderConfirmed"), event("StockSold"), event("PaymentCaptured")];

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Orders as they stood at some time, and a sweep whose tries are counted; a silent order's try never ends. */
export const setUp = async () => {
  const store = await temporaryStore();
  const shown = {
    entries: await store.collection<Entry>("orders", orderEntries.shape),
    counts: await store.collection<Counts>("counts"),
  };
  const { entries } = shown;
  const model: Pick<OrderModel, "read" | "entries"> = { entries, read: query => query(shown) };
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
    await entries.putNewer([orderEntries.entryOf(order)]);
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
    unsettled: new Unsettled(model),
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

export type World = Awaited<ReturnType<typeof setUp>>;
const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, "0")}`);
export const silent = async ({ happen }: World, count: number) => {
  for (const id of ids("silent", count)) await happen(id, placed, event("StockReserved"), event("PaymentUnknown"));
};
export const killed = async ({ happen }: World, count: number) => {
  for (const id of ids("killed", count)) await happen(id, placed);
};
/** Lets what a round began, and what can end, go as far as it goes. */
export const pauses = async (done: () => boolean) => {
  for (let turn = 0; turn < 2000 && !done(); turn += 1) await new Promise(resolve => setTimeout(resolve, 1));
};

// Two instances of orders, products and payments each, over slow databases: one order a key, and every race ends in one
// story.
import type { orderEvents } from "../../contracts/orders";
import type { RecordedOf } from "../../lib/events/event-store";
import { type Started, startServices } from "../helpers/broker";
import { sharedStores, withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";

type OrderEvent = RecordedOf<typeof orderEvents>;

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const STOCK = 50;
let serial = 0;

const setUp = async (seed: number) => {
  const openStore = sharedStores(() => temporaryStore(), seed);
  const start = async () => {
    const shop = await startServices(["products", "orders", "payments"], { openStore });
    return { shop, token: await tokenMaker(shop.broker) };
  };
  const instances = [await start(), await start()] as const;
  const at = (index: number) => instances[index % 2 ? 1 : 0];
  const call = (index: number, role: "customer" | "admin" = "customer"): Started["call"] => {
    const { shop, token } = at(index);
    return (name, params, options) =>
      shop.call(name, params, { ...options, token: token(role === "admin" ? "root" : "kim", role) });
  };
  const product = await call(0, "admin")("products.create", {
    sku: `SKU-${(serial += 1)}`,
    name: "Mug",
    category: "kitchen",
    price: { amount: 500, currency: "USD" },
    stock: STOCK,
  });
  const place = (index: number, idempotencyKey: string) =>
    call(index)("orders.place", {
      idempotencyKey,
      items: [{ productId: product.id, quantity: 1 }],
      shippingAddress,
      payment: { method: "sandbox:ok" },
    });
  const eventsOf = async (id: string) => (await call(0)("orders.events", { id })) as OrderEvent[];
  const stock = () => call(1)("products.get", { id: product.id });
  const stop = () => Promise.all(instances.map(({ shop }) => shop.stop()));
  return { call, place, eventsOf, stock, stop };
};
type World = Awaited<ReturnType<typeof setUp>>;

/** What may not be in one order's story, whatever raced. */
const faultsIn = (events: readonly OrderEvent[]): string[] => {
  const types = events.map(({ type }) => type);
  const has = (type: OrderEvent["type"]) => types.includes(type);
  const story = types.join();
  const faults: string[] = [];
  if (new Set(types).size !== types.length) faults.push(`something twice: ${story}`);
  if (["OrderCancelled", "OrderRefunded", "OrderRejected"].filter(type => has(type as OrderEvent["type"])).length > 1)
    faults.push(`two ends: ${story}`);
  if (has("OrderCancelled") && has("OrderShipped")) faults.push(`cancelled and shipped: ${story}`);
  if (has("OrderCancelled") && types.indexOf("OrderConfirmed") > types.indexOf("OrderCancelled"))
    faults.push(`confirmed after the cancel: ${story}`);
  return faults;
};

/** Places, cancels, ships and refunds one order through both instances, all at once. What is wrong afterwards. */
const race = async ({ call, place, eventsOf }: World, round: number): Promise<string[]> => {
  const key = `race-${round}`;
  const early = round % 2 === 1;
  const id = early ? undefined : (await place(round, key)).order.id;
  const placed = early ? Promise.all([place(0, key), place(1, key), place(2, key)]) : Promise.resolve([]);
  const known = id ?? (await waitFor(call(0)));
  const attempt = (index: number, what: "cancel" | "ship" | "refund") =>
    call(index, "admin")(`orders.${what}`, { id: known }).catch((error: { type?: string }) => error.type);
  await Promise.all([
    attempt(0, "cancel"),
    attempt(1, "ship"),
    attempt(1, "refund"),
    attempt(1, "cancel"),
    attempt(0, "ship"),
    attempt(0, "refund"),
  ]);
  const answers = await placed;
  const faults = new Set(answers.map(({ order }) => order.id)).size > 1 ? ["one key, two orders"] : [];
  return [...faults, ...faultsIn(await eventsOf(known))];
};

/** The id of the newest order, as soon as there is one that is not at rest. */
const waitFor = async (call: Started["call"]): Promise<string> => {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const [newest] = (await call("orders.list", { limit: 1 })).items;
    if (newest && (newest.status === "pending" || newest.status === "confirmed")) return newest.id;
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  throw new Error("No order came.");
};

afterEach(() => jest.restoreAllMocks());

describe("orders over two instances", () => {
  test("one idempotency key is one order, whichever instance is asked", async () => {
    withoutLocks();
    const { place, stock, stop } = await setUp(31);
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => place(index, `key-${round}`)));
      expect(new Set(answers.map(({ order }) => order.id)).size).toBe(1);
      expect(answers.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
      expect((await stock()).stock).toBe(STOCK - round - 1);
    }
    await stop();
  });

  test("cancel, ship and refund that race end in one story, and pieces are where it says", async () => {
    withoutLocks();
    const world = await setUp(32);
    const faults: string[] = [];
    for (let round = 0; round < 10; round += 1) faults.push(...(await race(world, round)));
    expect(faults).toEqual([]);
    const { items } = await world.call(0)("orders.list", { limit: 100 });
    const cancelled = items.filter(({ status }) => status === "cancelled").length;
    expect(await world.stock()).toMatchObject({
      stock: STOCK - items.length + cancelled,
      available: STOCK - items.length + cancelled,
    });
    await world.stop();
  });

  test("and this test would notice if logs did not check the version that was decided on", async () => {
    withoutVersionChecks();
    const world = await setUp(33);
    const faults: string[] = [];
    for (let round = 0; round < 4; round += 1)
      faults.push(...(await race(world, round).catch((error: Error) => [error.message])));
    expect(faults).not.toEqual([]);
    await world.stop();
  });
});

// How many orders of one user may wait at a time: decided by the append, over instances, and whoever wins a race.
import type { orderEvents } from "../../contracts/orders";
import { EventStore } from "../../lib/events/event-store";
import { afterAuthorize, cancel, expire } from "../../services/orders/order.rules";
import { OrderCommands } from "../../services/orders/order-commands";
import { startServices } from "../helpers/broker";
import { sharedStore, withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const usd = (amount: number) => ({ amount, currency: "USD" });
const line = { productId: "p1", sku: "P-1", name: "Mug", quantity: 1, unitPrice: usd(500), lineTotal: usd(500) };
const placed = (userId: string) => ({
  userId,
  requestHash: "h",
  items: [line],
  total: usd(500),
  shippingAddress,
  paymentMethod: "sandbox:ok" as const,
});

let serial = 0;

/** Two instances of orders over one slow database. */
const setUp = async (seed: number) => {
  const store = sharedStore(await temporaryStore(), seed);
  const instance = async () => new OrderCommands(await EventStore.open<typeof orderEvents>(store, () => new Date()));
  const both = [await instance(), await instance()] as const;
  const log = await EventStore.open<typeof orderEvents>(store, () => new Date());
  const commands = (index: number) => (index % 2 ? both[1] : both[0]);
  /** As many orders at once; the ids of those that were placed, and the refusals of the others. */
  const rush = async (userId: string, count: number) => {
    const ids = Array.from({ length: count }, () => `ord_${(serial += 1)}`);
    const results = await Promise.allSettled(ids.map((id, index) => commands(index).place(id, placed(userId))));
    const refused = results.flatMap(result =>
      result.status === "rejected" ? [(result.reason as { code: string }).code] : [],
    );
    return { placed: ids.filter((_, index) => results[index]?.status === "fulfilled"), refused };
  };
  return { commands, log, rush };
};

afterEach(() => jest.restoreAllMocks());

const twentyOfAHundred = async (seed: number) => {
  const { commands, rush } = await setUp(seed);
  const first = await rush("kim", 100);
  expect([first.placed.length, new Set(first.refused), first.refused.length]).toEqual([
    20,
    new Set(["TOO_MANY_PENDING_ORDERS"]),
    80,
  ]);
  // What ends, however it ends, makes room for one more: at either instance, and once.
  const [one = "", two = "", three = ""] = first.placed;
  await commands(0).change(one, order => cancel(order, "kim"));
  await commands(1).change(two, expire);
  await commands(1).change(three, order => afterAuthorize(order, { status: "authorized", reference: "r" }));
  await commands(0).change(three, order => cancel(order, "kim"));
  expect((await rush("kim", 10)).placed).toHaveLength(3);
  expect((await rush("lee", 30)).placed).toHaveLength(20);
};

describe("a hundred orders of one user at once, at two instances", () => {
  test("are twenty that wait, and eighty that are refused", () => twentyOfAHundred(1));

  test("also when nobody in a process waits for anybody else", async () => {
    withoutLocks();
    await twentyOfAHundred(2);
  });

  test("and this test would notice if logs did not check the version that was decided on", async () => {
    withoutLocks();
    withoutVersionChecks();
    const { rush } = await setUp(3);
    expect((await rush("kim", 30)).placed.length).not.toBe(20);
  });
});

const ONE_OF_THREE =
  "an order that is confirmed, cancelled and expired in the same moment is one of the three, and frees its slot once";
test(ONE_OF_THREE, async () => {
  withoutLocks();
  const { commands, log, rush } = await setUp(4);
  const ends = new Set<string>();
  for (let round = 0; round < 25; round += 1) {
    const {
      placed: [id = ""],
    } = await rush("kim", 1);
    const authorized = { status: "authorized", reference: "r" } as const;
    await Promise.allSettled([
      commands(round).change(id, order => afterAuthorize(order, authorized)),
      commands(round + 1).change(id, expire),
      commands(round).change(id, order => (order.status === "pending" ? cancel(order, "kim") : [])),
    ]);
    const { order } = await commands(0).load(id);
    ends.add(order.status);
    expect(order.version).toBe(order.status === "confirmed" ? 3 : 2);
    const { number, version } = order.slot ?? { number: 0, version: 0 };
    expect((await log.getEvents(`slot:kim:${number}`, version)).map(({ type }) => type)).toEqual(["SlotFreed"]);
  }
  expect(ends.size).toBeGreaterThan(1);
});

const TWENTY_WAITING =
  "with twenty orders waiting, a repeat of one of them gets its answer, and a new one is refused and leaves nothing";
test(TWENTY_WAITING, async () => {
  const shop = await startServices(["products", "orders"]);
  const token = await tokenMaker(shop.broker);
  const mug = await shop.call(
    "products.create",
    { sku: "MUG", name: "Mug", category: "kitchen", price: usd(500), stock: 100 },
    { token: token("root", "admin") },
  );
  const place = (idempotencyKey: string, user = "kim") =>
    shop.call(
      "orders.place",
      {
        idempotencyKey,
        items: [{ productId: mug.id, quantity: 1 }],
        shippingAddress,
        payment: { method: "sandbox:ok" },
      },
      { token: token(user) },
    );
  // Three requests for each key, as of a client that repeats: twenty orders all the same.
  const twenty = await Promise.all(Array.from({ length: 60 }, (_, index) => place(`key-${index % 20}`)));
  expect(new Set(twenty.map(({ order }) => order.id)).size).toBe(20);
  await expect(place("one more")).rejects.toMatchObject({ type: "TOO_MANY_PENDING_ORDERS" });
  expect((await place("key-7")).order.id).toBe(twenty[7]?.order.id);
  const { items, total } = await shop.call("orders.list", { limit: 100 }, { token: token("kim") });
  expect([items.length, total]).toEqual([20, 20]);
  const all = await shop.call("orders.events", { id: twenty[0]?.order.id ?? "" }, { token: token("kim") });
  expect(all[0]?.data).not.toHaveProperty("slot");
  expect((await place("mine", "lee")).order.status).toBe("pending");
});

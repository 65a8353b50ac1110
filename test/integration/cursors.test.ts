// Lists are read on by cursors: each entry once, whatever the writers do meanwhile, and no other list's cursor.
import type { orderEvents } from "../../contracts/orders";
import { EventStore } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import { ReadModel } from "../../lib/events/read-model";
import { orderEntries } from "../../services/orders/order-entry";
import { OrderList } from "../../services/orders/order-list";
import { type Started, startServices } from "../helpers/broker";
import { temporaryStore } from "../helpers/store";
import { placed } from "../helpers/sweep";
import { tokenMaker } from "../helpers/tokens";

type Asked = Parameters<typeof list>[0];

let shop: Started;
let token: string;
const list = (asked: {
  limit?: number;
  page?: number;
  cursor?: string;
  sort?: "price" | "-price" | "name" | "-rating";
  category?: string;
  inStock?: boolean;
}) => shop.call("products.list", asked);
const create = async (sku: string, amount: number, category = "kitchen", stock = 5) =>
  shop.call(
    "products.create",
    { sku, name: `Mug ${amount}`, category, price: { amount, currency: "USD" }, stock },
    { token },
  );
const refusedAt = (path: string, code: string) =>
  expect.objectContaining({ type: "VALIDATION_FAILED", data: { errors: [expect.objectContaining({ path, code })] } });

/** All of a list, page by page. */
const walk = async (asked: Asked, between: (page: number) => Promise<unknown> = async () => undefined) => {
  const skus: string[] = [];
  const pages: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await list({ ...asked, ...(cursor === undefined ? {} : { cursor }) });
    skus.push(...page.items.map(({ sku }) => sku));
    pages.push(page.page);
    cursor = page.nextCursor;
    await between(pages.length);
  }
  return { skus, pages };
};

beforeAll(async () => {
  shop = await startServices(["products"], { env: { SAMPLE_CATALOGUE: "no" } });
  token = (await tokenMaker(shop.broker))("root", "admin");
  // Many with the same price: then the SKU decides, in the direction of the order.
  for (let index = 0; index < 23; index += 1)
    await create(
      `S-${String((index * 7) % 23).padStart(2, "0")}`,
      100 + (index % 3),
      index % 4 ? "kitchen" : "home",
      index % 5,
    );
});

test.each([
  {},
  { sort: "price" },
  { sort: "-price" },
  { sort: "name" },
  { sort: "-rating" },
  { category: "home", sort: "-price" },
  { inStock: true },
  { inStock: false, category: "kitchen", sort: "price" },
] as const)("a list of %j has each product once, in one order, however it is cut", async asked => {
  const whole = await list({ ...asked, limit: 100 });
  const all = whole.items.map(({ sku }) => sku);
  expect(new Set(all).size).toBe(whole.total);
  expect(whole.nextCursor).toBeNull();
  for (const limit of [1, 4, 22, 23])
    expect(await walk({ ...asked, limit })).toEqual({
      skus: all,
      pages: Array.from({ length: Math.max(1, Math.ceil(all.length / limit)) }, (_, index) => index + 1),
    });
});

test("what comes and goes between two pages neither hides nor repeats what was there all along", async () => {
  const before = (await list({ sort: "price", limit: 100 })).items.map(({ sku }) => sku);
  const made: string[] = [];
  const { skus } = await walk({ sort: "price", limit: 5 }, async page => {
    const { sku } = await create(`A-${page}`, page % 2 ? 1 : 101);
    made.push(sku);
  });
  expect(skus.filter(sku => !made.includes(sku))).toEqual(before);
  expect(new Set(skus).size).toBe(skus.length);
});

test("a cursor of another list, and what is none, is refused by its name", async () => {
  const { nextCursor } = await list({ sort: "price", limit: 2 });
  const cursor = nextCursor ?? "";
  const forged = Buffer.from(JSON.stringify([{ $gt: 1 }, 2, { $gt: 1 }, "x"])).toString("base64url");
  for (const asked of [{ sort: "-price", cursor }, { cursor }, { sort: "price", category: "home", cursor }] as const)
    await expect(list(asked)).rejects.toEqual(refusedAt("/cursor", "NOT_A_CURSOR"));
  for (const bad of ["x", "bnVsbA", "W10", forged, cursor.slice(4)])
    await expect(list({ sort: "price", cursor: bad })).rejects.toEqual(refusedAt("/cursor", "NOT_A_CURSOR"));
  await expect(list({ sort: "price", cursor: "a b" })).rejects.toMatchObject({ type: "VALIDATION_ERROR" });
});

test("pages by number end at a depth, and say how to go on", async () => {
  expect((await list({ page: 100, limit: 100 })).items).toEqual([]);
  await expect(list({ page: 101, limit: 100 })).rejects.toEqual(refusedAt("/page", "PAGE_TOO_DEEP"));
});

test("orders are read on by cursors too, the newest first, an owner's and everybody's", async () => {
  const store = await temporaryStore();
  const times = [1, 2, 2, 2, 3, 3, 4];
  const log = await EventStore.open<typeof orderEvents>(store, () => new Date(1e12 + (times.shift() ?? 9)));
  for (const id of ["b", "e", "a", "c", "d", "f", "g"]) {
    const order = { ...placed.data, userId: id < "d" ? "kim" : "lee" };
    await log.append([unwritten(id).append([{ type: "OrderPlaced", data: order }])]);
  }
  const orders = new OrderList(await ReadModel.open(store, orderEntries));
  const read = async (userId?: string) => {
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const asked = {
        limit: 2,
        ...(userId === undefined ? {} : { userId }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await orders.list(asked);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return ids.join("");
  };
  expect([await read(), await read("kim"), await read("nobody")]).toEqual(["gfdecab", "cab", ""]);
  expect(await orders.list({ userId: "kim", status: "pending" })).toMatchObject({ total: 3, pages: 1 });
});

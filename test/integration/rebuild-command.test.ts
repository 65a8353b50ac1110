// What services show, made anew from their logs by a command while the shop runs, on both stores.
import type { Store } from "../../lib/store/store";
import { rebuildModel } from "../../scripts/model-rebuild";
import { openStore } from "../../lib/store/open-store";
import { openOnce } from "../helpers/around-store";
import { type Started, startServices } from "../helpers/broker";
import { temporaryStore } from "../helpers/store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const NOW = { keptMs: 500 };
const models = { users: "users-1", products: "catalogue-1", orders: "order-list-1" };

const scenario = async (open: (service: string) => Promise<Store>, env: Record<string, string>) => {
  const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "long enough" };
  const shop: Started = await startServices(["users", "products", "orders", "payments"], {
    env: { ...env, ...admin },
    openStore: open,
  });
  const { token } = await shop.call("users.login", { email: "boss@example.com", password: "long enough" });
  const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
  const sell = async (sku: string) => {
    const mug = { sku, name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 9 };
    const { id } = await shop.call("products.create", mug, { token });
    const order = { idempotencyKey: sku, items: [{ productId: id, quantity: 1 }], shippingAddress };
    await shop.call("orders.place", { ...order, payment: { method: "sandbox:ok" } }, { token });
  };
  const lists = async () => [
    await shop.call("users.list", {}, { token }),
    await shop.call("products.list", {}),
    await shop.call("products.categories", {}),
    await shop.call("orders.list", {}, { token }),
  ];
  for (const sku of ["A", "B", "C"]) await sell(sku);
  const before = await lists();
  for (const [service, generation] of Object.entries(models)) {
    const entries = await (await open(service)).collection<{ _id: string; version: number }>(generation);
    const [one] = await entries.find({ limit: 1 });
    const said = await rebuildModel([service], open, NOW);
    expect(said).toMatch(/^\w+: \d entries and \d groups of counts made anew from \d+ commits .*the same/s);
    expect(await lists()).toEqual(before);
    expect(one).toBeDefined();
  }
  const catalogue = await rebuildOf(open, "products");
  const [one] = await catalogue.find({ limit: 1 });
  await catalogue.remove(one?._id ?? "");
  await expect(rebuildModel(["products"], open, NOW)).rejects.toThrow(
    new RegExp(`entry ${one?._id}: nothing, anew version \\d+\nThe live one is still shown. .*--replace$`),
  );
  expect(await rebuildModel(["products", "--replace"], open, NOW)).toMatch(/The new one is shown\.$/);
  expect(await lists()).toEqual(before);
  await sell("D");
  expect((await lists()).map(list => ("total" in list ? list.total : list.length))).toEqual([1, 4, 1, 4]);
  await shop.stop();
};

const rebuildOf = async (open: (service: string) => Promise<Store>, service: "products") => {
  const store = await open(service);
  const current = await (await store.collection<{ _id: string; generation: string }>("models")).get("catalogue");
  return store.collection<{ _id: string; version: number }>(current?.generation ?? "");
};

test("on SQLite", async () => {
  const stores = new Map<string, Promise<Store>>();
  const open = async (service: string) => {
    const store = stores.get(service) ?? temporaryStore().then(openOnce);
    stores.set(service, store);
    return store;
  };
  await scenario(open, {});
}, 60_000);

test("a service without a read model, or none at all, is told what there is", async () => {
  const open = () => Promise.reject(new Error("Nothing is opened."));
  for (const args of [[], ["mail"], ["orders", "products"]])
    await expect(rebuildModel(args, open)).rejects.toThrow(/services: users, products, orders/);
});

describeWithMongo(`on ${MONGO}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await startMongo();
  });
  afterAll(() => server?.stop());
  test("as well", async () => {
    const env = { MONGO_URL: server.url };
    const opened: Store[] = [];
    const open = async (service: string) => {
      const store = await openStore(service, env);
      opened.push(store);
      return store;
    };
    await scenario(open, env);
    await Promise.all(opened.map(store => store.close()));
  }, 120_000);
});

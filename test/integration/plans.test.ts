// Whatever the services ask their stores for has a declared index, and the planners take it, also for the order.
import { openStore } from "../../lib/store/open-store";
import type { Store } from "../../lib/store/store";
import { rebuildModel } from "../../scripts/model-rebuild";
import { openOnce } from "../helpers/around-store";
import { type Asked, remembering } from "../helpers/asked";
import { type Started, startServices } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { temporaryStore } from "../helpers/store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const SORTS = ["name", "-name", "price", "-price", "createdAt", "-createdAt", "rating", "-rating"] as const;
const FILTERS = [{}, { category: "kitchen" }, { inStock: true }, { category: "kitchen", inStock: false }];
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

/** Reads a list by number, and on by its cursor. */
const leaf = async (read: (asked: { page?: number; limit: number; cursor?: string }) => Promise<unknown>) => {
  await read({ limit: 1, page: 2 });
  const { nextCursor } = (await read({ limit: 1 })) as { nextCursor: string | null };
  await read({ limit: 1, ...(nextCursor === null ? {} : { cursor: nextCursor }) });
};

/** Does what there is to do in the shop. */
const everything = async ({ call }: Started) => {
  const boss = await call("users.login", { email: "boss@example.com", password: "long enough" });
  const kim = await call("users.register", { email: "kim@example.com", name: "Kim", password: "long enough" });
  const { token } = boss;
  const ids: string[] = [];
  for (const sku of ["A", "B", "C"]) {
    const mug = { sku, name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 9 };
    ids.push((await call("products.create", mug, { token })).id);
  }
  const orders: string[] = [];
  for (const method of ["sandbox:ok", "sandbox:timeout-then-ok", "sandbox:declined", "sandbox:ok"] as const) {
    const order = {
      idempotencyKey: `${method}${orders.length}`,
      items: ids.map(productId => ({ productId, quantity: 1 })),
    };
    const placing = call("orders.place", { ...order, shippingAddress, payment: { method } }, { token: kim.token });
    const placed = await placing.catch(() => undefined);
    if (placed) orders.push(placed.order.id);
  }
  const id = orders[0] ?? "";
  await call("orders.cancel", { id }, { token: kim.token });
  await call("orders.get", { id }, { token });
  await call("orders.events", { id }, { token });
  for (const asker of [token, kim.token])
    for (const status of [{}, { status: "cancelled" }] as const)
      await leaf(asked => call("orders.list", { ...asked, ...status }, { token: asker }));
  for (const sort of SORTS)
    for (const filter of FILTERS) await leaf(asked => call("products.list", { ...asked, ...filter, sort }));
  await call("products.categories", {});
  await leaf(asked => call("users.list", asked, { token }));
  await call("products.remove", { id: ids[2] ?? "", ifVersion: "*" }, { token });
  await call("users.refresh", { refreshToken: kim.refreshToken });
  await call(
    "users.changePassword",
    { currentPassword: "long enough", newPassword: "longer still" },
    { token: kim.token },
  );
  await call("users.login", { email: "kim@example.com", password: "longer still" });
  await call("users.logout", {}, { token });
};

const bad = (all: readonly Asked[]) =>
  all.filter(({ plan }) => plan.scans || plan.sorts).map(({ where, what, plan }) => ({ where, what, ...plan }));

const scenario = async (openEmpty: (service: string) => Promise<Store>, env: Record<string, string>) => {
  const { wrap, explained } = remembering();
  const stores = new Map<string, Promise<Store>>();
  const open = (service: string) => {
    const store = stores.get(service) ?? openEmpty(service).then(opened => openOnce(wrap(service, opened)));
    stores.set(service, store);
    return store;
  };
  const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "long enough" };
  const shop = await startServices(["users", "products", "orders", "payments", "mail"], {
    env: { ...env, ...admin },
    openStore: open,
  });
  await everything(shop);
  for (const service of ["users", "products", "orders"]) await rebuildModel([service], open, { keptMs: 0 });
  const asked = await eventually("the sweep and the mail have been at work", async () => {
    const all = await explained();
    const wheres = new Set(all.filter(({ what }) => what.includes("$")).map(({ where }) => where));
    return ["orders order-list", "mail waiting", "mail sent", "users sessions"].every(one => wheres.has(one)) && all;
  });
  await shop.stop();
  expect(asked.length).toBeGreaterThan(60);
  expect(asked.filter(({ isDeclared }) => !isDeclared)).toEqual([]);
  // What stands in for MongoDB puts everything in order itself, whatever the indexes.
  if (env.MONGO_URL === undefined || MONGO !== "SecantusDB") expect(bad(asked)).toEqual([]);
};

test("on SQLite", () => scenario(() => temporaryStore(), {}), 120_000);

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
  }, 180_000);
});

// Creating with an idempotency key: a repeat finds what the first request made, whoever sends it when.
import { type Started, startServices } from "../helpers/broker";
import { tokenMaker } from "../helpers/tokens";

interface Markable {
  replayed?: true;
}
/** The same answer for all, of which all but one say that they are repeats. */
const expectOneFirst = (answers: readonly Markable[]) => {
  expect(new Set(answers.map(answer => JSON.stringify({ ...answer, replayed: undefined }))).size).toBe(1);
  expect(answers.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
};
const repeatOf = <T extends Markable>(answer: T) => ({ ...answer, replayed: true });

describe("creating a product with a key", () => {
  let shop: Started;
  let token: Awaited<ReturnType<typeof tokenMaker>>;
  beforeAll(async () => {
    shop = await startServices(["products"]);
    token = await tokenMaker(shop.broker);
  });
  const create = (idempotencyKey: string | undefined, sku: string, name = "Mug", admin = "root") =>
    shop.call(
      "products.create",
      {
        sku,
        name,
        category: "kitchen",
        price: { amount: 500, currency: "USD" },
        stock: 5,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      },
      { token: token(admin, "admin") },
    );

  test("ten times at once makes one, and all get the same answer", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create("k1", "ONCE")));
    expectOneFirst(answers);
    expect((await shop.call("products.list", {})).items.filter(({ sku }) => sku === "ONCE")).toHaveLength(1);
  });

  test("again after it has changed gets the first answer", async () => {
    const first = await create("k2", "LATER");
    await shop.call(
      "products.change",
      { id: first.id, name: "Cup", ifVersion: "*" },
      { token: token("root", "admin") },
    );
    expect(await create("k2", "LATER")).toEqual(repeatOf(first));
  });

  test("for another request is refused, and makes nothing", async () => {
    await create("k3", "THIS");
    await expect(create("k3", "THAT")).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    await expect(create("k3", "THIS", "Bowl")).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    expect((await shop.call("products.list", { limit: 100 })).items.map(({ sku }) => sku)).not.toContain("THAT");
  });

  test("of another admin is another key; without one a taken SKU is told", async () => {
    await create("k4", "MINE");
    await expect(create("k4", "MINE", "Mug", "other")).rejects.toMatchObject({ type: "SKU_TAKEN" });
    await expect(create(undefined, "MINE")).rejects.toMatchObject({ type: "SKU_TAKEN" });
  });
});

describe("registering with a key", () => {
  let shop: Started;
  beforeAll(async () => {
    shop = await startServices(["users"]);
  });
  const register = (email: string, idempotencyKey?: string, password = "correct horse") =>
    shop.call("users.register", {
      email,
      password,
      name: "Kim",
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });

  test("again signs in to the account that the first request made", async () => {
    const answers = await Promise.all([
      register("kim@example.com", "k"),
      register("kim@example.com", "k"),
      register("Kim@example.com", "k"),
    ]);
    expect(new Set(answers.map(({ user }) => user.id)).size).toBe(1);
    await shop.call("users.login", { email: "kim@example.com", password: "correct horse" });
  });

  test("with another password is refused, and the first one still works", async () => {
    await register("lee@example.com", "k");
    await expect(register("lee@example.com", "k", "battery staple")).rejects.toMatchObject({
      type: "IDEMPOTENCY_KEY_REUSED",
    });
    await shop.call("users.login", { email: "lee@example.com", password: "correct horse" });
  });

  test("with another key, or none, a taken address is told", async () => {
    await register("park@example.com", "k");
    await expect(register("park@example.com", "other")).rejects.toMatchObject({ type: "EMAIL_TAKEN" });
    await expect(register("park@example.com")).rejects.toMatchObject({ type: "EMAIL_TAKEN" });
  });
});

describe("adjusting stock with a key", () => {
  let shop: Started;
  let token: Awaited<ReturnType<typeof tokenMaker>>;
  let id: string;
  beforeEach(async () => {
    shop = await startServices(["products"]);
    token = await tokenMaker(shop.broker);
    id = await product("MUG");
  });
  const product = async (sku: string) =>
    (
      await shop.call(
        "products.create",
        { sku, name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 5 },
        { token: token("root", "admin") },
      )
    ).id;
  const adjust = (delta: number, idempotencyKey?: string, admin = "root", of = id) =>
    shop.call(
      "products.adjustStock",
      { id: of, delta, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
      { token: token(admin, "admin") },
    );
  const stock = async () => (await shop.call("products.get", { id })).stock;

  test("ten times at once adds once, and all get the same answer", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => adjust(1, "k1")));
    expectOneFirst(answers);
    expect([answers[0]?.stock, await stock()]).toEqual([6, 6]);
  });

  const AGAIN_LATER =
    "again after more was changed, after a restart and after the product has gone gets the first answer";
  test(AGAIN_LATER, async () => {
    const first = await adjust(1, "k1");
    await adjust(10);
    expect(await adjust(1, "k1")).toEqual(repeatOf(first));
    await shop.stop();
    shop = await startServices(["products"], { env: { DATA_DIR: shop.dataDir } });
    token = await tokenMaker(shop.broker);
    expect([await adjust(1, "k1"), await stock()]).toEqual([repeatOf(first), 16]);
    await shop.call("products.remove", { id, ifVersion: "*" }, { token: token("root", "admin") });
    expect(await adjust(1, "k1")).toEqual(repeatOf(first));
  });

  const SAME_KEY =
    "a key for another delta or another product is refused and changes nothing; what was refused, used up no key";
  test(SAME_KEY, async () => {
    const other = await product("CUP");
    await adjust(1, "k1");
    await expect(adjust(2, "k1")).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    await expect(adjust(1, "k1", "root", other)).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    await expect(adjust(-100, "k2")).rejects.toMatchObject({ type: "STOCK_TOO_LOW" });
    expect([(await adjust(0, "k2")).stock, (await adjust(0, "k2")).stock, await stock()]).toEqual([6, 6, 6]);
  });

  test("another admin's key is another key, and without one each request counts", async () => {
    await adjust(1, "k1");
    await adjust(1, "k1", "other");
    await adjust(1);
    await adjust(1);
    expect(await stock()).toBe(9);
  });
});

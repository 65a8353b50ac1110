// One idempotency key is one order, for the user whose key it is; each step of a checkout takes effect once.
import { type Checkout, shippingAddress, startCheckout } from "../helpers/checkout";

let shop: Checkout["shop"];
let token: Checkout["token"];
let kim: Checkout["kim"];
let product: Checkout["product"];
let stockOf: Checkout["stockOf"];
let place: Checkout["place"];

beforeAll(async () => {
  ({ shop, token, kim, product, stockOf, place } = await startCheckout());
});

describe("one idempotency key", () => {
  test("is one order for twenty requests at once, and the same answer for all", async () => {
    const mug = await product(100);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "same")),
    );
    expect(new Set(answers.map(({ order, settled }) => JSON.stringify({ order, settled }))).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
    expect(await stockOf(mug.id)).toEqual({ stock: 99, available: 99 });
  });

  test("gets the first answer again, also after the order was cancelled", async () => {
    const mug = await product(10);
    const first = await place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "replayed");
    await shop.call("orders.cancel", { id: first.order.id }, kim());
    expect(await place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "replayed")).toEqual({
      ...first,
      replayed: true,
    });
  });

  test("is refused for another request", async () => {
    const mug = await product(10);
    await place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "reused");
    await expect(place([{ productId: mug.id, quantity: 2 }], "sandbox:ok", "reused")).rejects.toMatchObject({
      type: "IDEMPOTENCY_KEY_REUSED",
    });
  });

  test("of another user is another order", async () => {
    const mug = await product(10);
    const mine = await place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "shared");
    const theirs = await shop.call(
      "orders.place",
      {
        idempotencyKey: "shared",
        items: [{ productId: mug.id, quantity: 1 }],
        shippingAddress,
        payment: { method: "sandbox:ok" },
      },
      { token: token("lee") },
    );
    expect(theirs.order.id).not.toBe(mine.order.id);
    await expect(shop.call("orders.get", { id: theirs.order.id }, kim())).rejects.toMatchObject({
      type: "ORDER_NOT_FOUND",
    });
  });
});

// Placing orders against the real products and payments services: stock and money stay right, whatever happens in
// between.
import { type Checkout, refused, type Refused, startCheckout } from "../helpers/checkout";
import { eventually } from "../helpers/eventually";

let shop: Checkout["shop"];
let token: Checkout["token"];
let kim: Checkout["kim"];
let product: Checkout["product"];
let stockOf: Checkout["stockOf"];
let place: Checkout["place"];
let read: Checkout["read"];
let typesOf: Checkout["typesOf"];

beforeAll(async () => {
  ({ shop, token, kim, product, stockOf, place, read, typesOf } = await startCheckout());
});

describe("an order for two products", () => {
  test("is confirmed, its stock is sold and its payment captured", async () => {
    const [mug, pen] = [await product(10), await product(10)];
    const { order, settled } = await place([
      { productId: mug.id, quantity: 2 },
      { productId: pen.id, quantity: 3 },
    ]);
    expect([settled, order.status, order.payment.status, order.total.amount]).toEqual([
      true,
      "confirmed",
      "captured",
      2500,
    ]);
    expect(await stockOf(mug.id)).toEqual({ stock: 8, available: 8 });
    expect(await stockOf(pen.id)).toEqual({ stock: 7, available: 7 });
    expect(await typesOf(order)).toEqual([
      "OrderPlaced",
      "StockReserved",
      "PaymentAuthorized",
      "OrderConfirmed",
      "StockSold",
      "PaymentCaptured",
    ]);
  });

  test("cancelled afterwards gives stock and money back", async () => {
    const mug = await product(10);
    const { order } = await place([{ productId: mug.id, quantity: 4 }]);
    const stale = { id: order.id, ifVersion: [order.version - 1] };
    await expect(shop.call("orders.cancel", stale, kim())).rejects.toMatchObject({ type: "PRECONDITION_FAILED" });
    expect((await shop.call("orders.get", { id: order.id }, kim())).version).toBe(order.version);
    const cancelled = await shop.call("orders.cancel", { id: order.id, ifVersion: [order.version] }, kim());
    expect([cancelled.status, cancelled.payment.status]).toEqual(["cancelled", "refunded"]);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
    await expect(shop.call("orders.cancel", { id: order.id }, kim())).rejects.toMatchObject({
      type: "ORDER_NOT_CANCELLABLE",
    });
  });

  test("out of stock on its second line holds nothing of its first", async () => {
    const [mug, pen] = [await product(10), await product(1)];
    const refusal = await refused(
      place([
        { productId: mug.id, quantity: 2 },
        { productId: pen.id, quantity: 2 },
      ]),
    );
    expect(refusal).toMatchObject({ type: "OUT_OF_STOCK", data: { productId: pen.id } });
    const order = await read(refusal);
    expect([order.status, order.failure]).toEqual(["rejected", { code: "OUT_OF_STOCK", productId: pen.id }]);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
  });

  test("with a declined payment gives back what it held", async () => {
    const mug = await product(10);
    const request = () => place([{ productId: mug.id, quantity: 2 }], "sandbox:declined", "declined");
    const refusal = await refused(request());
    expect(refusal.type).toBe("PAYMENT_DECLINED");
    expect(await refused(request())).toEqual({ ...refusal, data: { ...refusal.data, replayed: true } });
    const order = await read(refusal);
    expect([order.status, order.failure, order.payment.status]).toEqual([
      "rejected",
      { code: "PAYMENT_DECLINED" },
      "declined",
    ]);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
  });
});

describe("a payment provider that does not answer in time", () => {
  test("and had said yes: asking again confirms the order", async () => {
    const mug = await product(10);
    const { order } = await place([{ productId: mug.id, quantity: 1 }], "sandbox:timeout-then-ok");
    expect([order.status, order.payment.status]).toEqual(["confirmed", "captured"]);
    expect(await typesOf(order)).toContain("PaymentUnknown");
  });

  test("and had said no: asking again rejects it", async () => {
    const mug = await product(10);
    const order = await read(
      await refused(place([{ productId: mug.id, quantity: 1 }], "sandbox:timeout-then-declined")),
    );
    expect([order.status, order.payment.status]).toEqual(["rejected", "declined"]);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
  });

  test("and can't be reached: the order stays pending with its stock held, and can be cancelled", async () => {
    const mug = await product(10);
    const { order, settled } = await place([{ productId: mug.id, quantity: 3 }], "sandbox:unreachable");
    expect([settled, order.status, order.payment.status]).toEqual([false, "pending", "unknown"]);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 7 });
    const cancelled = await shop.call("orders.cancel", { id: order.id }, kim());
    expect(cancelled.status).toBe("cancelled");
    await eventually("the stock is free again", async () => (await stockOf(mug.id)).available === 10);
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
  });
});

describe("thirty buyers and five pieces", () => {
  test("five are sold, the others are told, nothing is held", async () => {
    const mug = await product(5);
    const answers = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        place([{ productId: mug.id, quantity: 1 }], "sandbox:ok", "one", { token: token(`buyer-${index}`) }),
      ),
    );
    expect(
      answers.filter(answer => answer.status === "fulfilled" && answer.value.order.status === "confirmed"),
    ).toHaveLength(5);
    expect(
      answers.filter(answer => answer.status === "rejected" && (answer.reason as Refused).type === "OUT_OF_STOCK"),
    ).toHaveLength(25);
    expect(await stockOf(mug.id)).toEqual({ stock: 0, available: 0 });
  });
});

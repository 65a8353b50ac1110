// A checkout whose services come later: it is accepted, settled once they are there, and each step takes effect once.
import { startServices } from "../helpers/broker";
import { type Checkout, shippingAddress, startCheckout } from "../helpers/checkout";
import { eventually } from "../helpers/eventually";
import { tokenMaker } from "../helpers/tokens";

let shop: Checkout["shop"];
let product: Checkout["product"];
let stockOf: Checkout["stockOf"];

beforeAll(async () => {
  ({ shop, product, stockOf } = await startCheckout());
});

describe("a checkout whose helpers are away", () => {
  test("is accepted without payments, and settled once payments are there", async () => {
    const half = await startServices(["products", "orders"]);
    const halfToken = await tokenMaker(half.broker);
    const asAdmin = { token: halfToken("root", "admin") };
    const mug = await half.call(
      "products.create",
      { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 3 },
      asAdmin,
    );
    const request = {
      idempotencyKey: "k",
      items: [{ productId: mug.id, quantity: 1 }],
      shippingAddress,
      payment: { method: "sandbox:ok" as const },
    };
    const { order, settled } = await half.call("orders.place", request, { token: halfToken("kim") });
    expect([settled, order.status]).toEqual([false, "pending"]);
    await half.stop();

    const whole = await startServices(["products", "orders", "payments"], { env: { DATA_DIR: half.dataDir } });
    const wholeToken = await tokenMaker(whole.broker);
    const later = await eventually("the order is paid", async () => {
      const current = await whole.call("orders.get", { id: order.id }, { token: wholeToken("kim") });
      return current.payment.status === "captured" && current;
    });
    expect([later.status, later.payment.status]).toEqual(["confirmed", "captured"]);
    const { stock, available } = await whole.call("products.get", { id: mug.id });
    expect({ stock, available }).toEqual({ stock: 2, available: 2 });
    await whole.stop();
  });

  test("a reserve that comes after the release holds nothing", async () => {
    const mug = await product(5);
    await shop.call("products.release", { orderId: "late" });
    expect(
      await shop.call("products.reserve", { orderId: "late", lines: [{ productId: mug.id, quantity: 2 }] }),
    ).toEqual({ outcome: "closed" });
    expect(await stockOf(mug.id)).toEqual({ stock: 5, available: 5 });
  });

  test("each step repeated at once takes effect once", async () => {
    const mug = await product(10);
    const again = <T>(step: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, step));
    await again(() => shop.call("products.reserve", { orderId: "once", lines: [{ productId: mug.id, quantity: 2 }] }));
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 8 });
    await again(() => shop.call("products.sell", { orderId: "once" }));
    expect(await stockOf(mug.id)).toEqual({ stock: 8, available: 8 });
    await again(() => shop.call("products.release", { orderId: "once" }));
    expect(await stockOf(mug.id)).toEqual({ stock: 10, available: 10 });
  });
});

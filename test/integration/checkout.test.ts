// Placing orders against the real products and payments services: stock and money stay right, whatever happens in
// between.
import type { Order } from "../../contracts/orders";
import type { PaymentMethod } from "../../contracts/payments";
import { type Started, startServices } from "../helpers/broker";
import { tokenMaker } from "../helpers/tokens";

let shop: Started;
let token: Awaited<ReturnType<typeof tokenMaker>>;
let serial = 0;

beforeAll(async () => {
  shop = await startServices(["products", "orders", "payments"], { env: { PAYMENT_TIMEOUT_MS: "100" } });
  token = await tokenMaker(shop.broker);
});

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const kim = () => ({ token: token("kim") });
const admin = () => ({ token: token("root", "admin") });
const product = (stock: number) =>
  shop.call(
    "products.create",
    { sku: `SKU-${(serial += 1)}`, name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock },
    admin(),
  );
const stockOf = async (id: string) => {
  const { stock, available } = await shop.call("products.get", { id });
  return { stock, available };
};
const place = (
  items: { productId: string; quantity: number }[],
  method: PaymentMethod = "sandbox:ok",
  idempotencyKey = `key-${(serial += 1)}`,
  buyer = kim(),
) => shop.call("orders.place", { idempotencyKey, items, shippingAddress, payment: { method } }, buyer);
interface Refused {
  type: string;
  data: { orderId: string };
}
const refused = (placing: Promise<unknown>): Promise<Refused> =>
  placing.then(
    () => Promise.reject(new Error("It was not refused.")),
    ({ type, data }: Refused) => ({ type, data }),
  );
/** The order that a refusal names. */
const read = ({ data }: Refused) => shop.call("orders.get", { id: data.orderId }, kim());
const typesOf = async (order: Order) =>
  (await shop.call("orders.events", { id: order.id }, kim())).map(event => event.type);
const until = async <T>(look: () => Promise<T>, good: (value: T) => boolean): Promise<T> => {
  for (const end = Date.now() + 20_000; ;) {
    const value = await look();
    if (good(value) || Date.now() > end) return value;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

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
    expect(
      await until(
        () => stockOf(mug.id),
        stock => stock.available === 10,
      ),
    ).toEqual({ stock: 10, available: 10 });
  });
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
    const later = await until(
      () => whole.call("orders.get", { id: order.id }, { token: wholeToken("kim") }),
      current => current.payment.status === "captured",
    );
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

// What others see of an order: its owner not who of the shop acted and why, lists not its lines.
import type { Order } from "../../contracts/orders";
import type { Recorded } from "../../services/orders/order";
import { refuseRejected, showEvent, showEventInFull, summarise } from "../../services/orders/order-view.rules";

const recorded = (type: string, data: object) =>
  ({ id: "o1-2", type, aggregateId: "o1", version: 2, data, timestamp: "2026-01-01T00:00:00.000Z" }) as Recorded;
const usd = (amount: number) => ({ amount, currency: "USD" });
const line = (productId: string, quantity: number) => ({
  productId,
  sku: productId,
  name: "Mug",
  quantity,
  unitPrice: usd(5),
  lineTotal: usd(5 * quantity),
});
const order = {
  id: "o1",
  userId: "kim",
  status: "rejected",
  items: [line("p1", 2), line("p2", 3)],
  failure: { code: "PAYMENT_DECLINED" },
} as unknown as Order;

describe("an order's owner sees", () => {
  test.each([
    ["OrderCancelled", { by: "kim", reason: "too late" }, { by: "customer", reason: "too late" }],
    ["OrderCancelled", { by: "adm_1", reason: "looks like fraud" }, { by: "shop" }],
    ["OrderRefunded", { by: "adm_1", reason: "complains a lot" }, { by: "shop" }],
    ["OrderRejected", { code: "EXPIRED" }, { code: "EXPIRED", by: "system" }],
    ["OrderShipped", {}, { by: "shop" }],
  ])("of %s with %j only %j", (type, data, shown) => {
    expect(showEvent(recorded(type, data), "kim").data).toEqual(shown);
  });
});

test("an admin sees who acted and why, and nobody the machinery's own data", () => {
  const data = { by: "adm_1", reason: "looks like fraud" };
  expect(showEventInFull(recorded("OrderCancelled", data)).data).toEqual(data);
  const placed = {
    userId: "kim",
    requestHash: "h",
    slot: { number: 1, version: 1 },
    items: [],
    total: usd(0),
    shippingAddress: {},
    paymentMethod: "sandbox:ok",
  };
  expect(Object.keys(showEventInFull(recorded("OrderPlaced", placed)).data as object)).toEqual([
    "userId",
    "items",
    "total",
    "shippingAddress",
    "paymentMethod",
  ]);
});

test("a list counts lines and pieces, and shows lines to who asks for them", () => {
  expect(summarise(order, undefined)).toMatchObject({ lineCount: 2, pieceCount: 5 });
  expect(summarise(order, undefined)).not.toHaveProperty("items");
  expect(summarise(order, "items").items).toEqual(order.items);
});

test.each([
  [
    { code: "OUT_OF_STOCK", productId: "p1" },
    { code: "OUT_OF_STOCK", data: { orderId: "o1", productId: "p1" } },
  ],
  [{ code: "PAYMENT_DECLINED" }, { code: "PAYMENT_DECLINED", data: { orderId: "o1" } }],
  [{ code: "EXPIRED" }, { code: "ORDER_EXPIRED", data: { orderId: "o1" } }],
])("an order that failed with %j is refused with %j", (failure, refusal) => {
  for (const replayed of [false, true]) {
    expect(() => refuseRejected({ ...order, failure } as Order, replayed)).toThrow(
      expect.objectContaining({ ...refusal, replayed }),
    );
  }
});

// The rules of an order, as scenarios: given what happened, when a command comes, then these events or this refusal.
import { Refusal } from "../../lib/refusal";
import { checkout, isSettled, stepsDue } from "../../services/orders/checkout";
import {
  evolve,
  type KnownOrder,
  noOrder,
  type OrderEvent,
  type OrderState,
  type Recorded,
} from "../../services/orders/order";
import {
  atVersion,
  afterAuthorize,
  afterReserve,
  cancel,
  deliver,
  mergeLines,
  place,
  refund,
  ship,
} from "../../services/orders/order.rules";
import { show } from "../../services/orders/order-view.rules";

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const usd = (amount: number) => ({ amount, currency: "USD" });
const quotes = [
  { productId: "p1", sku: "P-1", name: "Mug", unitPrice: usd(500) },
  { productId: "p2", sku: "P-2", name: "Pen", unitPrice: usd(120) },
];
const inUsd = { currency: "USD", paymentProvider: "sandbox" };
const request = (lines: { productId: string; quantity: number }[]) => ({
  userId: "u1",
  requestHash: "h",
  lines,
  shippingAddress,
  paymentMethod: "sandbox:ok" as const,
});
const placed = place(request([{ productId: "p1", quantity: 2 }]), quotes, inUsd);

const given = (...events: OrderEvent[]): KnownOrder => {
  const order = events.reduce<OrderState>(
    (state, event, index) =>
      evolve(state, {
        ...event,
        id: `o1-${index + 1}`,
        aggregateId: "o1",
        version: index + 1,
        timestamp: `2026-01-01T00:00:0${index}.000Z`,
      } as Recorded),
    noOrder,
  );
  if (order.status === "absent") throw new Error("no events given");
  return order;
};
const event = <T extends OrderEvent["type"]>(type: T, data: Extract<OrderEvent, { type: T }>["data"] = {} as never) =>
  ({ type, data }) as OrderEvent;
const confirmed = [
  ...placed,
  event("StockReserved"),
  event("PaymentAuthorized", { reference: "r" }),
  event("OrderConfirmed"),
];
const paid = [...confirmed, event("StockSold"), event("PaymentCaptured")];

const refusal = (command: () => unknown) => {
  try {
    command();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("placing an order", () => {
  test("prices it at the shop's prices and adds it up", () => {
    const order = given(
      ...place(
        request([
          { productId: "p1", quantity: 2 },
          { productId: "p2", quantity: 3 },
        ]),
        quotes,
        inUsd,
      ),
    );
    expect(order.items.map(item => [item.sku, item.quantity, item.lineTotal.amount])).toEqual([
      ["P-1", 2, 1000],
      ["P-2", 3, 360],
    ]);
    expect(order.total).toEqual(usd(1360));
    expect(show(order)).toMatchObject({
      id: "o1",
      userId: "u1",
      status: "pending",
      version: 1,
      payment: { method: "sandbox:ok", status: "pending", reference: null },
    });
    expect(show(order)).not.toHaveProperty("requestHash");
  });

  test("two lines of one product count together", () => {
    expect(
      mergeLines([
        { productId: "a", quantity: 1 },
        { productId: "b", quantity: 5 },
        { productId: "a", quantity: 2 },
      ]),
    ).toEqual([
      { productId: "a", quantity: 3 },
      { productId: "b", quantity: 5 },
    ]);
  });

  test("more than 1,000 pieces of one product over two lines are refused at the line that is too much", () => {
    expect(
      refusal(() =>
        mergeLines([
          { productId: "a", quantity: 600 },
          { productId: "a", quantity: 401 },
        ]),
      ).data,
    ).toEqual({ errors: [{ path: "/items/1/quantity", code: "TOO_MANY_PIECES", facts: { limit: 1000 } }] });
  });

  test("a product that is priced in another currency is refused, not charged in this one", () => {
    const { code, data } = refusal(() =>
      place(request([{ productId: "p1", quantity: 1 }]), quotes, { ...inUsd, currency: "KRW" }),
    );
    expect([code, data]).toEqual([
      "VALIDATION_FAILED",
      { errors: [{ path: "/items/0/productId", code: "PRICED_IN_OTHER_CURRENCY", facts: { currency: "KRW" } }] },
    ]);
  });

  test.each([undefined, "bank"])(
    "a payment method of another provider than the shop's (%s) is refused at its path",
    paymentProvider => {
      const { code, data } = refusal(() =>
        place(request([{ productId: "p1", quantity: 1 }]), quotes, { ...inUsd, paymentProvider }),
      );
      expect([code, data]).toEqual([
        "VALIDATION_FAILED",
        { errors: [{ path: "/payment/method", code: "PAYMENT_METHOD_NOT_TAKEN" }] },
      ]);
    },
  );

  test("an unknown product is refused at its path", () => {
    const { code, data } = refusal(() =>
      place(
        request([
          { productId: "p1", quantity: 1 },
          { productId: "nope", quantity: 1 },
        ]),
        quotes,
        inUsd,
      ),
    );
    expect([code, data]).toEqual([
      "VALIDATION_FAILED",
      { errors: [{ path: "/items/1/productId", code: "NO_SUCH_PRODUCT" }] },
    ]);
  });
});

describe("the journey of an order", () => {
  const due = (...events: OrderEvent[]) => stepsDue(given(...events)).map(({ name }) => name);

  test("placed: stock is to be reserved, and only that", () => {
    expect(due(...placed)).toEqual(["reserve-stock"]);
    expect(afterReserve(given(...placed), { outcome: "reserved" })).toEqual([event("StockReserved")]);
  });

  test("reserved: payment is due; authorised confirms it; then stock is sold and money taken, both at once", () => {
    expect(
      afterAuthorize(given(...placed, event("StockReserved")), { status: "authorized", reference: "r" }).map(
        ({ type }) => type,
      ),
    ).toEqual(["PaymentAuthorized", "OrderConfirmed"]);
    expect(due(...placed, event("StockReserved"))).toEqual(["authorize-payment"]);
    expect(due(...confirmed)).toEqual(["sell-stock", "capture-payment"]);
    expect(due(...confirmed, event("PaymentCaptured"))).toEqual(["sell-stock"]);
    expect(due(...confirmed, event("StockSold"))).toEqual(["capture-payment"]);
    expect(due(...paid)).toEqual([]);
    expect(isSettled(given(...confirmed))).toBe(false);
    expect(isSettled(given(...paid))).toBe(true);
    expect(given(...paid).payment).toMatchObject({ status: "captured", reference: "r" });
  });

  test("out of stock: rejected with the product, and a late reserve is still to be shut out", () => {
    const events = afterReserve(given(...placed), { outcome: "refused", productId: "p1" });
    const order = given(...placed, ...events);
    expect(order).toMatchObject({ status: "rejected", failure: { code: "OUT_OF_STOCK", productId: "p1" } });
    expect(due(...placed, ...events)).toEqual(["release-stock"]);
    expect(isSettled(order)).toBe(false);
    expect(isSettled(given(...placed, ...events, event("StockReleased")))).toBe(true);
  });

  test("declined: rejected, and what is held goes back", () => {
    const events = afterAuthorize(given(...placed, event("StockReserved")), { status: "declined", reference: null });
    expect(given(...placed, event("StockReserved"), ...events)).toMatchObject({
      status: "rejected",
      failure: { code: "PAYMENT_DECLINED" },
      payment: { status: "declined" },
    });
    expect(due(...placed, event("StockReserved"), ...events)).toEqual(["release-stock"]);
  });

  test("unknown: stays pending, is recorded once, and the provider is asked again", () => {
    const [unknown] = afterAuthorize(given(...placed, event("StockReserved")), { status: "unknown", reference: null });
    const order = given(...placed, event("StockReserved"), unknown as OrderEvent);
    expect(order).toMatchObject({ status: "pending", payment: { status: "unknown" } });
    expect(stepsDue(order).map(({ name }) => name)).toEqual(["authorize-payment"]);
    expect(afterAuthorize(order, { status: "unknown", reference: null })).toEqual([]);
  });

  test("an answer that comes after the order was cancelled changes nothing", () => {
    const cancelled = given(...placed, event("OrderCancelled", { by: "u1" }));
    expect(afterReserve(cancelled, { outcome: "reserved" })).toEqual([]);
    expect(afterAuthorize(cancelled, { status: "authorized", reference: "r" })).toEqual([]);
  });

  test("cancelled: stock and money both go back, from wherever the order stood", () => {
    const cancelled = event("OrderCancelled", { by: "u1" });
    for (const before of [placed, [...placed, event("StockReserved")], confirmed, paid])
      expect(due(...before, cancelled)).toEqual(["release-stock", "void-or-refund-payment"]);
    expect(due(...paid, cancelled, event("StockReleased"))).toEqual(["void-or-refund-payment"]);
    expect(due(...paid, cancelled, event("PaymentRefunded"))).toEqual(["release-stock"]);
    expect(isSettled(given(...paid, cancelled, event("StockReleased"), event("PaymentRefunded")))).toBe(true);
  });

  test("refunded: only the money goes back", () => {
    const shipped = [...paid, event("OrderShipped")];
    expect(due(...shipped)).toEqual([]);
    expect(due(...shipped, event("OrderRefunded", { by: "a" }))).toEqual(["void-or-refund-payment"]);
  });

  test("expired: both go back, as the provider may still say yes", () => {
    const expired = event("OrderRejected", { code: "EXPIRED" });
    expect(due(...placed, event("StockReserved"), event("PaymentUnknown"), expired)).toEqual([
      "release-stock",
      "void-or-refund-payment",
    ]);
  });

  test("each step has a name of its own", () => {
    const names = checkout.flatMap(({ name, undo }) => [name, ...(undo ? [undo.name] : [])]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("commands on an order", () => {
  test("a command on a version that somebody saw is only for that version", () => {
    const order = given(...confirmed);
    for (const seen of [undefined, "*" as const, [4], [2, 4]]) expect(atVersion(order, seen)).toBe(order);
    for (const seen of [[3], [5], [], [3, 5, 44]])
      expect(refusal(() => atVersion(order, seen))?.code).toBe("PRECONDITION_FAILED");
  });
  test("pending and confirmed orders can be cancelled, with the reason kept", () => {
    expect(cancel(given(...placed), "u1", "changed my mind")).toEqual([
      event("OrderCancelled", { by: "u1", reason: "changed my mind" }),
    ]);
    expect(cancel(given(...paid), "u1")).toEqual([event("OrderCancelled", { by: "u1" })]);
  });

  test.each([
    ["shipped", [...paid, event("OrderShipped")]],
    ["rejected", [...placed, event("OrderRejected", { code: "OUT_OF_STOCK" })]],
    ["cancelled", [...placed, event("OrderCancelled", { by: "u1" })]],
  ])("a %s order cannot be cancelled", (status, events) => {
    const { code, data } = refusal(() => cancel(given(...events), "u1"));
    expect([code, data.orderStatus]).toEqual(["ORDER_NOT_CANCELLABLE", status]);
  });

  test("only a paid order ships, only a shipped one is delivered", () => {
    expect(refusal(() => ship(given(...confirmed))).code).toBe("ORDER_NOT_SHIPPABLE");
    expect(ship(given(...paid))).toEqual([event("OrderShipped")]);
    expect(refusal(() => ship(given(...paid, event("OrderShipped")))).code).toBe("ORDER_NOT_SHIPPABLE");
    expect(refusal(() => deliver(given(...paid))).code).toBe("ORDER_NOT_DELIVERABLE");
    expect(deliver(given(...paid, event("OrderShipped")))).toEqual([event("OrderDelivered")]);
  });

  test("money goes back once, and only if it was taken and the pieces are sold", () => {
    expect(refusal(() => refund(given(...confirmed, event("PaymentCaptured")), "a")).code).toBe("ORDER_NOT_REFUNDABLE");
    expect(refusal(() => refund(given(...confirmed), "a")).code).toBe("ORDER_NOT_REFUNDABLE");
    expect(refund(given(...paid, event("OrderShipped"), event("OrderDelivered")), "a")).toEqual([
      event("OrderRefunded", { by: "a" }),
    ]);
    expect(refusal(() => refund(given(...paid, event("OrderRefunded", { by: "a" })), "a")).code).toBe(
      "ORDER_NOT_REFUNDABLE",
    );
  });
});

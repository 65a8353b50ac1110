// The rules of an order, as scenarios: given what happened, when a command comes, then these events or this refusal.
import { atVersion, cancel, deliver, mergeLines, place, refund, ship } from "../../services/orders/order.rules";
import { show } from "../../services/orders/order-view.rules";
import { confirmed, event, given, inUsd, paid, placed, quotes, refusal, request, usd } from "../helpers/order-events";

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

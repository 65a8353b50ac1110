// The journey of an order, as scenarios: given what happened, which steps are due, and what their answers make of it.
import { checkout, isSettled, stepsDue } from "../../services/orders/checkout";
import type { OrderEvent } from "../../services/orders/order";
import { afterAuthorize, afterReserve } from "../../services/orders/order.rules";
import { confirmed, event, given, paid, placed } from "../helpers/order-events";

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

// The order's journey, read from top to bottom: each step says when it is due and what it does, and beside it how it is
// undone.
import type { Bus } from "../../lib/moleculer/bus";
import { type KnownOrder, type OrderEvent, stages } from "./order";
import { afterAuthorize, afterReserve } from "./order.rules";

/** Asks another service for something. Idempotent by order id: a crash at any point means asking again. */
export interface Step {
  /** As logs and tests call it. */
  readonly name: string;
  when(order: KnownOrder): boolean;
  do(order: KnownOrder, call: Bus["call"]): Promise<OrderEvent[]>;
}

const isOff = (order: KnownOrder) => stages[order.status] === "off";
/**
 * Ended while nobody knew what the provider would still say. Of the other rejected orders it is known that no money is
 * held.
 */
const isOffInDoubt = (order: KnownOrder) =>
  order.status === "cancelled" || (order.status === "rejected" && order.failure.code === "EXPIRED");

export const checkout: readonly (Step & { readonly undo?: Step })[] = [
  // 1. Hold the pieces. The undo runs even if nothing was held: it refuses a reserve that is still on its way.
  {
    name: "reserve-stock",
    when: order => order.status === "pending" && order.stock === "none",
    do: async (order, call) =>
      afterReserve(
        order,
        await call("products.reserve", {
          orderId: order.id,
          lines: order.items.map(({ productId, quantity }) => ({ productId, quantity })),
        }),
      ),
    undo: {
      name: "release-stock",
      when: order => isOff(order) && order.stock !== "released",
      do: async (order, call) => {
        await call("products.release", { orderId: order.id });
        return [{ type: "StockReleased", data: {} }];
      },
    },
  },
  // 2. Hold the money. Authorised means confirmed; declined means rejected; unknown means asking again.
  {
    name: "authorize-payment",
    when: order =>
      order.status === "pending" &&
      order.stock === "reserved" &&
      (order.payment.status === "pending" || order.payment.status === "unknown"),
    do: async (order, call) =>
      afterAuthorize(
        order,
        await call("payments.authorize", { orderId: order.id, amount: order.total, method: order.payment.method }),
      ),
    undo: {
      name: "void-or-refund-payment",
      when: order =>
        (isOffInDoubt(order) && ["pending", "unknown", "authorized", "captured"].includes(order.payment.status)) ||
        (order.status === "refunded" && order.payment.status === "captured"),
      do: async (order, call) => {
        const { status } = await call("payments.cancel", { orderId: order.id });
        if (status === "voided") return [{ type: "PaymentVoided", data: {} }];
        if (status === "refunded") return [{ type: "PaymentRefunded", data: {} }];
        if (status === "declined") return [{ type: "PaymentDeclined", data: {} }];
        return order.payment.status === "pending" ? [{ type: "PaymentUnknown", data: {} }] : [];
      },
    },
  },
  // 3. Confirmed: the held pieces are sold. Undone by release-stock.
  {
    name: "sell-stock",
    when: order => order.status === "confirmed" && order.stock === "reserved",
    do: async (order, call) =>
      (await call("products.sell", { orderId: order.id })).outcome === "sold" ? [{ type: "StockSold", data: {} }] : [],
  },
  // 4. And the held money is taken. Undone by void-or-refund-payment.
  {
    name: "capture-payment",
    when: order => order.status === "confirmed" && order.payment.status === "authorized",
    do: async (order, call) =>
      (await call("payments.capture", { orderId: order.id })).status === "captured"
        ? [{ type: "PaymentCaptured", data: {} }]
        : [],
  },
];

/** Everything that is due for an order as it stands. What is due together does not depend on each other. */
export const stepsDue = (order: KnownOrder): Step[] =>
  checkout.flatMap(step => (step.undo ? [step, step.undo] : [step])).filter(step => step.when(order));

/** Whether the order has come to rest: decided, and nothing left to do or to undo. */
export const isSettled = (order: KnownOrder): boolean =>
  stages[order.status] !== "open" && stepsDue(order).length === 0;

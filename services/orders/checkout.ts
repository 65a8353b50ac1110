// The order's journey, read from top to bottom: each step says when it is due, what it does, and beside it how it is
// undone.
import type { Bus } from "../../lib/moleculer/bus";
import { type KnownOrder, type OrderEvent, stages } from "./order";
import { afterAuthorize, afterReserve } from "./order.rules";

/** Asks another service for something. Idempotent by order id: a crash at any point means asking again. */
type Task = (order: KnownOrder, bus: Bus) => Promise<OrderEvent[]>;

interface Step {
  due(order: KnownOrder): boolean;
  do: Task;
  undoDue(order: KnownOrder): boolean;
  undo: Task;
}

const never = () => false;
const nothing: Task = async () => [];

const isOff = (order: KnownOrder) => stages[order.status] === "off";
/**
 * Ended while nobody knew what the provider would still say. Of the other rejected orders it is known that no money is
 * held.
 */
const isOffInDoubt = (order: KnownOrder) =>
  order.status === "cancelled" || (order.status === "rejected" && order.failure.code === "EXPIRED");

export const journey: readonly Step[] = [
  // 1. Hold the pieces. The undo runs even if nothing was held: it refuses a reserve that is still on its way.
  {
    due: order => order.status === "pending" && order.stock === "none",
    do: async (order, bus) =>
      afterReserve(
        order,
        await bus.call("products.reserve", {
          orderId: order.id,
          lines: order.items.map(({ productId, quantity }) => ({ productId, quantity })),
        }),
      ),
    undoDue: order => isOff(order) && order.stock !== "released",
    undo: async (order, bus) => {
      await bus.call("products.release", { orderId: order.id });
      return [{ type: "StockReleased", data: {} }];
    },
  },
  // 2. Hold the money. Authorised means confirmed; declined means rejected; unknown means asking again.
  {
    due: order =>
      order.status === "pending" &&
      order.stock === "reserved" &&
      (order.payment.status === "pending" || order.payment.status === "unknown"),
    do: async (order, bus) =>
      afterAuthorize(
        order,
        await bus.call("payments.authorize", { orderId: order.id, amount: order.total, method: order.payment.method }),
      ),
    undoDue: order =>
      (isOffInDoubt(order) && ["pending", "unknown", "authorized", "captured"].includes(order.payment.status)) ||
      (order.status === "refunded" && order.payment.status === "captured"),
    undo: async (order, bus) => {
      const { status } = await bus.call("payments.cancel", { orderId: order.id });
      if (status === "voided") return [{ type: "PaymentVoided", data: {} }];
      if (status === "refunded") return [{ type: "PaymentRefunded", data: {} }];
      if (status === "declined") return [{ type: "PaymentDeclined", data: {} }];
      return order.payment.status === "pending" ? [{ type: "PaymentUnknown", data: {} }] : [];
    },
  },
  // 3. Confirmed: the held pieces are sold. Undone by step 1's undo.
  {
    due: order => order.status === "confirmed" && order.stock === "reserved",
    do: async (order, bus) =>
      (await bus.call("products.sell", { orderId: order.id })).outcome === "sold"
        ? [{ type: "StockSold", data: {} }]
        : [],
    undoDue: never,
    undo: nothing,
  },
  // 4. And the held money is taken. Undone by step 2's undo.
  {
    due: order => order.status === "confirmed" && order.payment.status === "authorized",
    do: async (order, bus) =>
      (await bus.call("payments.capture", { orderId: order.id })).status === "captured"
        ? [{ type: "PaymentCaptured", data: {} }]
        : [],
    undoDue: never,
    undo: nothing,
  },
];

/** Everything that is due for an order as it stands. What is due together does not depend on each other. */
export const tasksDue = (order: KnownOrder): Task[] =>
  journey.flatMap(step => [...(step.due(order) ? [step.do] : []), ...(step.undoDue(order) ? [step.undo] : [])]);

/** Whether the order has come to rest: decided, and nothing left to do or to undo. */
export const isSettled = (order: KnownOrder): boolean =>
  stages[order.status] !== "open" && tasksDue(order).length === 0;

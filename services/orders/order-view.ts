// An order and its events as others see them. Pure.
import type { Order } from "../../contracts/orders";
import type { Recorded as StoredEvent } from "../../lib/event-store";
import type { KnownOrder, OrderEvent, Recorded } from "./order";

type DataOf<T extends OrderEvent["type"]> = Extract<OrderEvent, { type: T }>["data"];

/** What the order's owner may see of each event. A new event asks for its decision here. */
const visible: { readonly [T in OrderEvent["type"]]: (data: DataOf<T>) => Readonly<Record<string, unknown>> } = {
  OrderPlaced: ({ userId, items, total, shippingAddress, paymentMethod }) => ({ userId, items, total, shippingAddress, paymentMethod }),
  StockReserved: () => ({}),
  PaymentAuthorized: ({ reference }) => ({ reference }),
  PaymentUnknown: () => ({}),
  PaymentDeclined: () => ({}),
  OrderConfirmed: () => ({}),
  OrderRejected: data => data,
  StockSold: () => ({}),
  PaymentCaptured: () => ({}),
  OrderCancelled: data => data,
  OrderRefunded: data => data,
  StockReleased: () => ({}),
  PaymentVoided: () => ({}),
  PaymentRefunded: () => ({}),
  OrderShipped: () => ({}),
  OrderDelivered: () => ({}),
};

/** An event as clients see it. */
export const showEvent = (event: Recorded): StoredEvent => {
  const show = visible[event.type] as (data: Recorded["data"]) => Readonly<Record<string, unknown>>;
  return { ...event, data: show(event.data) };
};

/** The order as clients see it. */
export const show = (order: KnownOrder): Order => {
  const { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt } = order;
  const shown = { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt };
  return order.status === "rejected" ? { ...shown, failure: order.failure } : shown;
};

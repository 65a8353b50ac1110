// An order and its events as others see them. Pure.
import type { Order } from "../../contracts/orders";
import type { Recorded as StoredEvent } from "../../lib/event-store";
import type { KnownOrder, Recorded } from "./order";

/** An event as clients see it. */
export const showEvent = (event: Recorded): StoredEvent => {
  if (event.type !== "OrderPlaced") return event;
  const { requestHash: _hash, ...data } = event.data;
  return { ...event, data };
};

/** The order as clients see it. */
export const show = (order: KnownOrder): Order => {
  const { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt } = order;
  const shown = { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt };
  return order.status === "rejected" ? { ...shown, failure: order.failure } : shown;
};

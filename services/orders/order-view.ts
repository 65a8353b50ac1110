// An order and its events as others see them. Pure.
import type { Order } from "../../contracts/orders";
import type { Recorded as StoredEvent } from "../../lib/event-store";
import { Refusal } from "../../lib/refusal";
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

/**
 * What whoever placed an order hears when it has ended rejected.
 * @throws Refusal OUT_OF_STOCK, PAYMENT_DECLINED or ORDER_EXPIRED, with the order's id
 */
export const refuseRejected = ({ id: orderId, failure }: Order): void => {
  if (!failure) return;
  switch (failure.code) {
    case "OUT_OF_STOCK":
      throw new Refusal("OUT_OF_STOCK", { orderId, ...(failure.productId === undefined ? {} : { productId: failure.productId }) });
    case "PAYMENT_DECLINED":
      throw new Refusal("PAYMENT_DECLINED", { orderId });
    case "EXPIRED":
      throw new Refusal("ORDER_EXPIRED", { orderId });
    default:
      return failure.code satisfies never;
  }
};

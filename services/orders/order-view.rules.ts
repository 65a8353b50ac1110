// An order and its events as others see them. Pure.
import type { Failure, Order, OrderSummary } from "../../contracts/orders";
import type { Recorded as StoredEvent } from "../../lib/events/event-store";
import type { Caused } from "../../lib/events/metadata";
import { Refusal } from "../../lib/refusal";
import type { KnownOrder, OrderEvent, Recorded } from "./order";

type DataOf<T extends OrderEvent["type"]> = Extract<OrderEvent, { type: T }>["data"];

/** Who has acted, as far as it is the owner's business, and his own words. What the shop says among itself is not. */
const acted = ({ by, reason }: { by: string; reason?: string | undefined }, owner: string) =>
  by === owner ? { by: "customer", ...(reason === undefined ? {} : { reason }) } : { by: "shop" };

type View<T extends OrderEvent["type"]> = (data: DataOf<T>, owner: string) => Readonly<Record<string, unknown>>;

/** What the order's owner may see of each event. A new event asks for its decision here. */
const visible: { readonly [T in OrderEvent["type"]]: View<T> } = {
  OrderPlaced: ({ userId, items, total, shippingAddress, paymentMethod }) => ({
    userId,
    items,
    total,
    shippingAddress,
    paymentMethod,
  }),
  StockReserved: () => ({}),
  PaymentAuthorized: ({ reference }) => ({ reference }),
  PaymentUnknown: () => ({}),
  PaymentDeclined: () => ({}),
  OrderConfirmed: () => ({}),
  OrderRejected: data => ({ ...data, by: "system" }),
  StockSold: () => ({}),
  PaymentCaptured: () => ({}),
  OrderCancelled: acted,
  OrderRefunded: acted,
  StockReleased: () => ({}),
  PaymentVoided: () => ({}),
  PaymentRefunded: () => ({}),
  OrderShipped: () => ({ by: "shop" }),
  OrderDelivered: () => ({ by: "shop" }),
};

/** An event as the order's owner sees it: not who of the shop caused it, nor by which request. */
export const showEvent = ({ metadata: _metadata, ...event }: Caused<Recorded>, owner: string): StoredEvent => {
  const show = visible[event.type] as (data: Recorded["data"], owner: string) => Readonly<Record<string, unknown>>;
  return { ...event, data: show(event.data, owner) };
};

/** An event as admins see it: with who acted, why and by which request, without what only the machinery needs. */
export const showEventInFull = (event: Caused<Recorded>): Caused<StoredEvent> => {
  if (event.type !== "OrderPlaced") return event;
  return { ...event, data: showEvent(event, event.data.userId).data };
};

/** The order as clients see it. */
export const show = (order: KnownOrder): Order => {
  const { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt } = order;
  const shown = { id, userId, status, items, total, shippingAddress, payment, version, createdAt, updatedAt };
  return order.status === "rejected" ? { ...shown, failure: order.failure } : shown;
};

/** The order as lists have it. */
export const summarise = ({ items, ...order }: Order, expand: "items" | undefined): OrderSummary => ({
  ...order,
  lineCount: items.length,
  pieceCount: items.reduce((sum, { quantity }) => sum + quantity, 0),
  ...(expand === "items" ? { items } : {}),
});

const refusalOf = (orderId: string, failure: Failure): Refusal => {
  switch (failure.code) {
    case "OUT_OF_STOCK":
      return new Refusal("OUT_OF_STOCK", {
        orderId,
        ...(failure.productId === undefined ? {} : { productId: failure.productId }),
      });
    case "PAYMENT_DECLINED":
      return new Refusal("PAYMENT_DECLINED", { orderId });
    case "EXPIRED":
      return new Refusal("ORDER_EXPIRED", { orderId });
    default:
      return failure.code satisfies never;
  }
};

/**
 * What whoever placed an order hears when it has ended rejected, also when he asks again.
 * @throws Refusal OUT_OF_STOCK, PAYMENT_DECLINED or ORDER_EXPIRED, with the order's id
 */
export const refuseRejected = ({ id, failure }: Order, replayed: boolean): void => {
  if (failure) throw Object.assign(refusalOf(id, failure), { replayed });
};

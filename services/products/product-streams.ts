// The streams in the log of products: a product, who has a SKU, what an idempotency key has done, an order's
// reservation.
import type { productEvents } from "../../contracts/product-events";
import type { EventOf } from "../../lib/contract";
import type { Aggregate } from "../../lib/events/unit-of-work";
import { evolve, isProductEvent, noProduct, type ProductState } from "./product";
import * as reservations from "./reservation.rules";

export type Events = typeof productEvents;
export type Event = EventOf<Events>;

/** A product. The stream is its id. */
export const productKind: Aggregate<Events, ProductState> = {
  initial: noProduct,
  evolve: (state, event) => (isProductEvent(event) ? evolve(state, event) : state),
  snapshots: { name: "product", schema: 1 },
};

export const skuStream = (sku: string): string => `sku:${sku}`;
/** Whether some product has the SKU. */
export const skuClaim: Aggregate<Events, boolean> = {
  initial: false,
  evolve: (_taken, event) => event.type === "SkuClaimed",
};

export type Adjustment = Extract<Event, { type: "AdjustmentKept" }>["data"];
/** The adjustment that an idempotency key has made, if it has made one. */
export const keyedAdjustment: Aggregate<Events, Adjustment | undefined> = {
  initial: undefined,
  evolve: (kept, event) => (event.type === "AdjustmentKept" ? event.data : kept),
};

export const reservationStream = (orderId: string): string => `reservation-${orderId}`;
export const reservation: Aggregate<Events, reservations.Reservation> = {
  initial: { status: "none" },
  evolve: reservations.evolve,
};

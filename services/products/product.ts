// A product: what can happen to it, what it is then, and what clients see of it. Pure.
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";
import type { productEvents } from "../../contracts/product-events";
import type { Product } from "../../contracts/products";

export type ProductEvent = EventOf<typeof productEvents>;
type Recorded = RecordedOf<typeof productEvents>;

/** Events of the same log that are about a SKU, an idempotency key or an order's reservation. */
const elsewhere = {
  SkuClaimed: true,
  SkuFreed: true,
  AdjustmentKept: true,
  ReservationHeld: true,
  ReservationSold: true,
  ReservationClosed: true,
} as const;
type OwnEvent = Exclude<Recorded, { type: keyof typeof elsewhere }>;

/** Whether an event of the log is about a product itself. */
export const isProductEvent = (event: Recorded): event is OwnEvent => !(event.type in elsewhere);

export type ProductData<T extends ProductEvent["type"]> = Extract<ProductEvent, { type: T }>["data"];
export type Details = ProductData<"ProductCreated">;

interface Facts extends Omit<Product, "available"> {
  /** Pieces that pending orders hold; part of `stock` until they are sold. */
  reserved: number;
  /** The version of the last change that was not an order's movement of pieces: what an editor must have seen. */
  edited: number;
}
export type ListedProduct = Facts & { status: "listed" };
export type ProductState = { status: "absent"; version: 0 } | ListedProduct | (Facts & { status: "removed" });
export type KnownProduct = Exclude<ProductState, { status: "absent" }>;

export const noProduct: ProductState = { status: "absent", version: 0 };

export const available = (product: KnownProduct): number => product.stock - product.reserved;

/** The product after an event. Pieces only move: what is sold or released was reserved before. */
export const evolve = (state: ProductState, event: OwnEvent): ProductState => {
  if (event.type === "ProductCreated") {
    return {
      status: "listed",
      id: event.aggregateId,
      ...event.data,
      reserved: 0,
      edited: event.version,
      version: event.version,
      createdAt: event.timestamp,
      updatedAt: event.timestamp,
    };
  }
  if (state.status === "absent")
    throw new Error(`${event.type} for a product that does not exist: ${event.aggregateId}`);
  const next = { ...state, version: event.version, updatedAt: event.timestamp };
  switch (event.type) {
    case "ProductChanged":
      return { ...next, ...event.data, edited: event.version };
    case "ProductRemoved":
      return { ...next, status: "removed", edited: event.version };
    case "StockAdjusted":
      return { ...next, stock: next.stock + event.data.delta, edited: event.version };
    case "StockReserved":
      return { ...next, reserved: next.reserved + event.data.quantity };
    case "StockReleased":
      return { ...next, reserved: next.reserved - event.data.quantity };
    case "StockSold":
      return { ...next, reserved: next.reserved - event.data.quantity, stock: next.stock - event.data.quantity };
    case "StockReturned":
      return { ...next, stock: next.stock + event.data.quantity };
    default:
      return event satisfies never;
  }
};

/** The product as clients see it. */
export const show = (product: KnownProduct): Product => {
  const {
    id,
    sku,
    name,
    description,
    category,
    price,
    stock,
    images,
    attributes,
    rating,
    version,
    createdAt,
    updatedAt,
  } = product;
  return {
    id,
    sku,
    name,
    description,
    category,
    price,
    stock,
    available: available(product),
    images,
    attributes,
    rating,
    version,
    createdAt,
    updatedAt,
  };
};

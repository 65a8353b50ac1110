// The rules of a product: what may be sold, at what price, and how many pieces are left. Pure.
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";
import { Refusal } from "../../lib/refusal";
import type { Product, productEvents } from "../../contracts/products";
import { type IfVersion, isMeantFor } from "../../contracts/versions";

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

type Data<T extends ProductEvent["type"]> = Extract<ProductEvent, { type: T }>["data"];
export type Details = Data<"ProductCreated">;

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

const MAX_STOCK = 1_000_000_000;

export const available = (product: KnownProduct): number => product.stock - product.reserved;

/** @throws Refusal PRODUCT_NOT_FOUND unless the product is on sale */
export const listed = (state: ProductState): ListedProduct => {
  if (state.status !== "listed") throw new Refusal("PRODUCT_NOT_FOUND");
  return state;
};

/** @throws Refusal VALIDATION_FAILED when the price is not in the shop's currency */
const inShopCurrency = (price: Product["price"], currency: string) => {
  if (price.currency !== currency)
    throw new Refusal("VALIDATION_FAILED", {
      errors: [{ path: "/price/currency", code: "NOT_THE_CURRENCY", facts: { currency } }],
    });
};

/**
 * The product, if nobody has edited it since the version that a client saw: that orders have moved some of its pieces
 * does not make an edit stale, or a product that sells could never be edited.
 * @throws Refusal PRECONDITION_FAILED
 */
export const atVersion = (product: ListedProduct, ifVersion: IfVersion | undefined): ListedProduct => {
  if (!isMeantFor(product, ifVersion)) throw new Refusal("PRECONDITION_FAILED");
  return product;
};

export const create = (details: Details, currency: string): ProductEvent[] => {
  inShopCurrency(details.price, currency);
  return [{ type: "ProductCreated", data: details }];
};

/** Whether two JSON values say the same, whatever the order of their fields. */
const isSame = (one: unknown, other: unknown): boolean => {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const [mine, theirs] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    mine.size === theirs.size &&
    [...mine].every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key)))
  );
};

export const change = (
  state: ProductState,
  changes: Data<"ProductChanged">,
  ifVersion: IfVersion | undefined,
  currency: string,
): ProductEvent[] => {
  atVersion(listed(state), ifVersion);
  if (changes.price) inShopCurrency(changes.price, currency);
  const isNew = ([name, value]: [string, unknown]) => !isSame(value, Reflect.get(state, name));
  const data = Object.fromEntries(Object.entries(changes).filter(isNew));
  return Object.keys(data).length === 0 ? [] : [{ type: "ProductChanged", data }];
};

export const remove = (state: ProductState, ifVersion: IfVersion | undefined): ProductEvent[] => {
  atVersion(listed(state), ifVersion);
  return [{ type: "ProductRemoved", data: {} }];
};

/** @throws Refusal STOCK_TOO_LOW when pieces that orders hold would go; STOCK_TOO_HIGH over 10⁹ */
export const adjustStock = (state: ProductState, delta: number, ifVersion?: IfVersion): ProductEvent[] => {
  const product = atVersion(listed(state), ifVersion);
  if (product.stock + delta < product.reserved) throw new Refusal("STOCK_TOO_LOW", { available: available(product) });
  if (product.stock + delta > MAX_STOCK) throw new Refusal("STOCK_TOO_HIGH");
  return delta === 0 ? [] : [{ type: "StockAdjusted", data: { delta } }];
};

/** Whether that many pieces can be promised to one more order. */
export const canReserve = (state: ProductState, quantity: number): state is ListedProduct =>
  state.status === "listed" && available(state) >= quantity;

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

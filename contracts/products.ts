// What the products service promises: the catalogue, and stock that is never sold twice.
import { type Static, Type } from "@sinclair/typebox";
import { action, choice, object } from "../lib/contract";
import {
  feed,
  health,
  Id,
  IdempotencyKey,
  Lines,
  MAX_LINES,
  Money,
  Nothing,
  pageOf,
  paging,
  replayable,
  Time,
} from "./common";
import {
  Category,
  Description,
  details,
  Name,
  Rating,
  Sku,
  Stock,
  Images,
  Attributes,
  MAX_STOCK,
} from "./product-events";
import { IfVersion } from "./versions";

export const Product = object({
  id: Id,
  sku: Sku,
  ...details,
  stock: Stock,
  available: Type.Integer({ description: "Stock less what pending orders hold." }),
  rating: Rating,
  version: Type.Integer(),
  createdAt: Time,
  updatedAt: Time,
});
export type Product = Static<typeof Product>;

const Sort = choice("name", "-name", "price", "-price", "createdAt", "-createdAt", "rating", "-rating");
export type Sort = Static<typeof Sort>;

const OrderId = object({ orderId: Id });

/** A product as an order needs it. A deleted one still has a price, so that its order can be rejected by name. */
const Quote = object({ productId: Id, sku: Sku, name: Name, unitPrice: Money });
export type Quote = Static<typeof Quote>;

/**
 * `refused` names the first product that has too few pieces; `closed` means that the order's stock was released before.
 */
const Reservation = Type.Union([
  object({ outcome: Type.Literal("reserved") }),
  object({ outcome: Type.Literal("refused"), productId: Id }),
  object({ outcome: Type.Literal("closed") }),
]);
export type Reservation = Static<typeof Reservation>;

export const products = {
  list: action({
    access: "anyone",
    params: object({
      ...paging,
      category: Type.Optional(Category),
      inStock: Type.Optional(Type.Boolean()),
      sort: Type.Optional(Sort),
    }),
    result: pageOf(Product),
    refuses: [],
    idempotent: true,
  }),
  categories: action({
    access: "anyone",
    params: Nothing,
    result: Type.Array(object({ category: Category, count: Type.Integer() })),
    refuses: [],
    idempotent: true,
  }),
  get: action({
    access: "anyone",
    params: object({ id: Id }),
    result: Product,
    refuses: ["PRODUCT_NOT_FOUND"],
    idempotent: true,
  }),
  create: action({
    access: "admin",
    refuses: ["SKU_TAKEN", "IDEMPOTENCY_KEY_REUSED"],
    params: object({
      sku: Sku,
      name: Name,
      description: Type.Optional(Description),
      category: Category,
      price: Money,
      stock: Stock,
      images: Type.Optional(Images),
      attributes: Type.Optional(Attributes),
      idempotencyKey: Type.Optional(IdempotencyKey),
    }),
    result: replayable(Product),
  }),
  change: action({
    access: "admin",
    refuses: ["PRODUCT_NOT_FOUND", "PRECONDITION_FAILED"],
    params: object({ id: Id, ifVersion: IfVersion, ...Type.Partial(object(details)).properties }),
    result: Product,
  }),
  remove: action({
    access: "admin",
    params: object({ id: Id, ifVersion: IfVersion }),
    result: Nothing,
    refuses: ["PRODUCT_NOT_FOUND", "PRECONDITION_FAILED"],
  }),
  /** A repeat with the same key is answered as the first one was, whatever `ifVersion` it comes with. */
  adjustStock: action({
    access: "admin",
    refuses: ["PRODUCT_NOT_FOUND", "PRECONDITION_FAILED", "STOCK_TOO_LOW", "STOCK_TOO_HIGH", "IDEMPOTENCY_KEY_REUSED"],
    params: object({
      id: Id,
      ifVersion: IfVersion,
      delta: Type.Integer({ minimum: -MAX_STOCK, maximum: MAX_STOCK }),
      idempotencyKey: Type.Optional(IdempotencyKey),
    }),
    result: replayable(Product),
  }),

  /** Names and prices for an order's products; a product that never existed is missing in the answer. */
  quote: action({
    access: "internal",
    params: object({ ids: Type.Array(Id, { minItems: 1, maxItems: MAX_LINES }) }),
    result: Type.Array(Quote),
    idempotent: true,
  }),
  /** Holds the pieces of all lines, or of none. Once per order. */
  reserve: action({
    access: "internal",
    params: object({ orderId: Id, lines: Lines }),
    result: Reservation,
    idempotent: true,
  }),
  /** Turns what the order holds into sold pieces. Once per order. */
  sell: action({
    access: "internal",
    params: OrderId,
    result: object({ outcome: choice("sold", "closed") }),
    idempotent: true,
  }),
  /**
   * The undo of both: gives back what the order holds or has bought, and refuses every later reserve of it. Once per
   * order.
   */
  release: action({
    access: "internal",
    params: OrderId,
    result: object({ outcome: Type.Literal("released") }),
    idempotent: true,
  }),
  health,
  feed,
};

// What can happen to a product and its stock, and the fields that products are made of.
import { Type } from "@sinclair/typebox";
import { object } from "../lib/contract";
import { Id, Line, Money, Nothing } from "./common";
import { fieldName, multiline, optionalText, text } from "./text";

export const Sku = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9._-]+$" });
export const Name = text(200);
export const Description = multiline(5000);
export const Category = text(64);
export const MAX_STOCK = 1_000_000_000;
export const Stock = Type.Integer({ minimum: 0, maximum: MAX_STOCK });
export const Images = Type.Array(Type.String({ format: "uri", maxLength: 2048 }), { maxItems: 20 });
export const Rating = Type.Union([Type.Number({ minimum: 0, maximum: 5 }), Type.Null()]);
export const Attributes = Type.Record(fieldName(64), Type.Union([optionalText(1000), Type.Number(), Type.Boolean()]), {
  maxProperties: 50,
  additionalProperties: false,
});

/** What an admin says of a product. */
export const details = {
  name: Name,
  description: Description,
  category: Category,
  price: Money,
  images: Images,
  attributes: Attributes,
};

const Movement = object({ orderId: Id, quantity: Type.Integer({ minimum: 1 }) });

export const productEvents = {
  /** `requestHash` when it was asked for with an idempotency key. */
  ProductCreated: object({
    sku: Sku,
    ...details,
    stock: Stock,
    rating: Rating,
    requestHash: Type.Optional(Type.String()),
  }),
  ProductChanged: Type.Partial(object(details)),
  ProductRemoved: Nothing,
  StockAdjusted: object({ delta: Type.Integer() }),
  /**
   * Lives in the stream of an idempotency key, in one commit with what the key asked for: `version` is the product's
   * afterwards.
   */
  AdjustmentKept: object({ productId: Id, requestHash: Type.String(), version: Type.Integer() }),
  StockReserved: Movement,
  StockSold: Movement,
  StockReleased: Movement,
  StockReturned: Movement,
  /** These two live in the stream of the SKU, so that a SKU has one product. */
  SkuClaimed: object({ productId: Id }),
  SkuFreed: Nothing,
  /** These live in the stream of an order's reservation: each effect once per order. */
  ReservationHeld: object({ lines: Type.Array(Line) }),
  ReservationSold: Nothing,
  ReservationClosed: Nothing,
};

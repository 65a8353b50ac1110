// What the orders service promises: an order that, once acknowledged, always ends well or is undone.
import { type Static, Type } from "@sinclair/typebox";
import { action, choice, object } from "../lib/contract";
import {
  CommitMetadata,
  feed,
  health,
  Id,
  IdempotencyKey,
  Lines,
  Money,
  Nothing,
  pageOf,
  paging,
  RecordedEvent,
  replayable,
  Time,
} from "./common";
import { PaymentMethod, PaymentStatus } from "./payments";
import { text } from "./text";
import { IfVersion } from "./versions";

export const ShippingAddress = object({
  name: text(100),
  line1: text(200),
  line2: Type.Optional(text(200)),
  city: text(100),
  region: Type.Optional(text(100)),
  postalCode: text(20),
  country: Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1 alpha-2." }),
});

export const Failure = object({
  code: choice("OUT_OF_STOCK", "PAYMENT_DECLINED", "EXPIRED"),
  productId: Type.Optional(Id),
});
export type Failure = Static<typeof Failure>;

export const OrderLine = object({
  productId: Id,
  sku: Type.String(),
  name: Type.String(),
  quantity: Type.Integer({ minimum: 1 }),
  unitPrice: Money,
  lineTotal: Money,
});
export type OrderLine = Static<typeof OrderLine>;

export const Order = object({
  id: Id,
  userId: Id,
  status: choice("pending", "confirmed", "rejected", "cancelled", "shipped", "delivered", "refunded"),
  items: Type.Array(OrderLine),
  total: Money,
  shippingAddress: ShippingAddress,
  payment: object({
    method: PaymentMethod,
    status: PaymentStatus,
    reference: Type.Union([Type.String(), Type.Null()]),
  }),
  version: Type.Integer(),
  createdAt: Time,
  updatedAt: Time,
  failure: Type.Optional(Failure),
});
export type Order = Static<typeof Order>;

const { items, ...summary } = Order.properties;
/** An order as lists have it: its lines are counted, and shown only when they are asked for. */
export const OrderSummary = object({
  ...summary,
  lineCount: Type.Integer({ description: "How many products." }),
  pieceCount: Type.Integer({ description: "How many pieces, over all lines." }),
  items: Type.Optional(items),
});
export type OrderSummary = Static<typeof OrderSummary>;

/** One event of an order's history. Admins also see who caused it. */
export const OrderHistoryEvent = object({
  ...RecordedEvent.properties,
  metadata: Type.Optional(CommitMetadata),
});

const Reason = Type.Optional(text(500));

export const orders = {
  /**
   * Idempotent by `idempotencyKey`. `settled` is false while the checkout still runs: the answer is then 202. An order
   * that has ended rejected is kept, and refused with the reason and its id.
   */
  place: action({
    access: "user",
    refuses: ["IDEMPOTENCY_KEY_REUSED", "TOO_MANY_PENDING_ORDERS", "OUT_OF_STOCK", "PAYMENT_DECLINED", "ORDER_EXPIRED"],
    params: object({
      idempotencyKey: IdempotencyKey,
      items: Lines,
      shippingAddress: ShippingAddress,
      payment: object({ method: PaymentMethod }),
    }),
    result: replayable(object({ order: Order, settled: Type.Boolean() })),
    idempotent: true,
  }),
  list: action({
    access: "user",
    params: object({
      ...paging,
      status: Type.Optional(Order.properties.status),
      expand: Type.Optional(choice("items")),
    }),
    result: pageOf(OrderSummary),
    refuses: [],
    idempotent: true,
  }),
  get: action({
    access: "user",
    params: object({ id: Id }),
    result: Order,
    refuses: ["ORDER_NOT_FOUND"],
    idempotent: true,
  }),
  events: action({
    access: "user",
    params: object({ id: Id }),
    result: Type.Array(OrderHistoryEvent),
    refuses: ["ORDER_NOT_FOUND"],
    idempotent: true,
  }),
  cancel: action({
    access: "user",
    params: object({ id: Id, ifVersion: IfVersion, reason: Reason }),
    result: Order,
    refuses: ["ORDER_NOT_FOUND", "PRECONDITION_FAILED", "ORDER_NOT_CANCELLABLE"],
  }),
  ship: action({
    access: "admin",
    params: object({ id: Id, ifVersion: IfVersion }),
    result: Order,
    refuses: ["ORDER_NOT_FOUND", "PRECONDITION_FAILED", "ORDER_NOT_SHIPPABLE"],
  }),
  deliver: action({
    access: "admin",
    params: object({ id: Id, ifVersion: IfVersion }),
    result: Order,
    refuses: ["ORDER_NOT_FOUND", "PRECONDITION_FAILED", "ORDER_NOT_DELIVERABLE"],
  }),
  refund: action({
    access: "admin",
    params: object({ id: Id, ifVersion: IfVersion, reason: Reason }),
    result: Order,
    refuses: ["ORDER_NOT_FOUND", "PRECONDITION_FAILED", "ORDER_NOT_REFUNDABLE"],
  }),
  /** An order for another service. Null when there is none. */
  read: action({
    access: "internal",
    params: object({ id: Id }),
    result: Type.Union([Order, Type.Null()]),
    idempotent: true,
  }),
  health,
  feed,
};

const PaymentReference = object({ reference: Type.String() });

export const orderEvents = {
  OrderPlaced: object({
    userId: Id,
    /** What the client asked for, hashed: a repeated key with another request is refused. */
    requestHash: Type.String(),
    /** Which request placed it: all others with the key are repeats. Absent in orders older than that. */
    attempt: Type.Optional(Type.String()),
    items: Type.Array(OrderLine),
    total: Money,
    shippingAddress: ShippingAddress,
    paymentMethod: PaymentMethod,
    /**
     * Which of the user's slots it takes, and the version of the slot's stream by that; absent in orders older than
     * slots.
     */
    slot: Type.Optional(object({ number: Type.Integer({ minimum: 1 }), version: Type.Integer({ minimum: 1 }) })),
  }),
  StockReserved: Nothing,
  PaymentAuthorized: PaymentReference,
  PaymentUnknown: Nothing,
  PaymentDeclined: Nothing,
  OrderConfirmed: Nothing,
  OrderRejected: Failure,
  StockSold: Nothing,
  PaymentCaptured: Nothing,
  OrderCancelled: object({ reason: Reason, by: Id }),
  OrderRefunded: object({ reason: Reason, by: Id }),
  StockReleased: Nothing,
  PaymentVoided: Nothing,
  PaymentRefunded: Nothing,
  OrderShipped: Nothing,
  OrderDelivered: Nothing,
  /** These two live in the stream of a user's slot for a pending order, so that he has no more of them than slots. */
  SlotTaken: object({ orderId: Id }),
  SlotFreed: Nothing,
};

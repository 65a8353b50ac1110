// What a run leaves behind: the logs, the payment company's book, the mails, and what all clients were told.
import type { orderEvents, Order } from "../../../contracts/orders";
import type { paymentEvents } from "../../../contracts/payments";
import type { productEvents } from "../../../contracts/product-events";
import type { Product } from "../../../contracts/products";
import type { Recorded, RecordedOf } from "../../../lib/events/event-store";
import type { BookEntry } from "../../../services/payments/sandbox-provider";

export type OrderEvent = RecordedOf<typeof orderEvents>;
export type ProductEvent = RecordedOf<typeof productEvents>;
export type PaymentEvent = RecordedOf<typeof paymentEvents>;

export interface LogCommit<E extends Recorded = Recorded> {
  readonly position: number;
  readonly id: string;
  readonly events: readonly E[];
}

/** What a client was told. `unknown`: no answer in time, or the connection broke. */
export interface Answer {
  readonly status: number | "unknown";
  /** The order that it names. */
  readonly orderId?: string;
  /** The order's version, where it shows the order. */
  readonly version?: number;
  /** Whether it says that it repeats an earlier answer. */
  readonly replayed?: boolean;
  /** The body as it was sent, for comparisons. */
  readonly text?: string;
}

/** One order that a client wanted, and every answer to it: the key is also the order's first address line. */
export interface Purchase {
  readonly key: string;
  readonly answers: Answer[];
}

export type Change = "cancel" | "refund" | "ship" | "deliver";

/** Something that a client did to an order. */
export interface Deed {
  readonly orderId: string;
  readonly change: Change;
  readonly answers: Answer[];
}

/** Pieces that an admin added, with an idempotency key. */
export interface Restock {
  readonly productId: string;
  readonly delta: number;
  readonly answers: Answer[];
}

/** An order's history as a client read it, after he was told of a version of it. */
export interface Reading {
  readonly orderId: string;
  /** The newest version that he had been told of before he asked. */
  readonly toldVersion: number;
  /** Undefined when it was not found. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly version: number }[] | undefined;
}

/** What one gateway shows when all is quiet. */
export interface Shown {
  readonly gateway: string;
  readonly orders: readonly Pick<Order, "id" | "status" | "version" | "payment">[];
  readonly products: readonly Pick<Product, "id" | "stock" | "available" | "version">[];
}

export interface SentMail {
  /** The event that it is about. */
  readonly eventId: string;
  /** When the file was written, in milliseconds. */
  readonly writtenAt: number;
}

export interface Facts {
  readonly orders: readonly LogCommit<OrderEvent>[];
  readonly products: readonly LogCommit<ProductEvent>[];
  readonly payments: readonly LogCommit<PaymentEvent>[];
  readonly book: readonly BookEntry[];
  readonly mails: readonly SentMail[];
  /** Events whose mails were held back, as their address is not verified and had its share; and those sent to it. */
  readonly heldBack: readonly { readonly eventId: string; readonly sentToMailbox: number }[];
  readonly purchases: readonly Purchase[];
  readonly deeds: readonly Deed[];
  readonly restocks: readonly Restock[];
  readonly readings: readonly Reading[];
  readonly shown: readonly Shown[];
  /** What the stores' own checks complain about. */
  readonly damage: readonly string[];
}

export type Guarantee = "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7";

export interface Verdict {
  readonly guarantee: Guarantee;
  /** What was looked at, in words. */
  readonly checked: string;
  readonly violations: readonly string[];
}

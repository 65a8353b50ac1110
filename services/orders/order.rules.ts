// The rules of an order: what may happen to it, and what the answers of other services mean for it. Pure.
import { type Line, MAX_AMOUNT, MAX_QUANTITY } from "../../contracts/common";
import type { OrderLine } from "../../contracts/orders";
import type { Payment } from "../../contracts/payments";
import type { Quote, Reservation } from "../../contracts/products";
import { type IfVersion, isMeantFor } from "../../contracts/versions";
import { type FieldError, Refusal } from "../../lib/refusal";
import type { KnownOrder, OrderEvent, Placed, PlacedEvent } from "./order";

const invalid = (...errors: FieldError[]) => new Refusal("VALIDATION_FAILED", { errors });

/**
 * Two lines of one product count together.
 * @throws Refusal VALIDATION_FAILED when that is more than one order may have
 */
export const mergeLines = (lines: readonly Line[]): Line[] => {
  const merged = new Map<string, number>();
  lines.forEach(({ productId, quantity }, index) => {
    const total = (merged.get(productId) ?? 0) + quantity;
    if (total > MAX_QUANTITY)
      throw invalid({
        path: `/items/${index}/quantity`,
        code: "TOO_MANY_PIECES",
        facts: { limit: MAX_QUANTITY },
      });
    merged.set(productId, total);
  });
  return [...merged].map(([productId, quantity]) => ({ productId, quantity }));
};

export interface Request extends Omit<Placed, "items" | "total" | "slot"> {
  lines: readonly Line[];
}

/** What a shop takes. */
export interface Terms {
  readonly currency: string;
  /** Whose payment methods: `sandbox` takes `sandbox:ok`. Undefined: nobody's. */
  readonly paymentProvider: string | undefined;
}

/**
 * @throws Refusal VALIDATION_FAILED naming the payment method that the shop does not take, or each product that does
 * not exist
 */
export const place = (
  { lines, ...request }: Request,
  quotes: readonly Quote[],
  { currency, paymentProvider }: Terms,
): [PlacedEvent] => {
  if (request.paymentMethod.split(":", 1)[0] !== paymentProvider)
    throw invalid({ path: "/payment/method", code: "PAYMENT_METHOD_NOT_TAKEN" });
  const merged = mergeLines(lines);
  const byId = new Map(quotes.map(quote => [quote.productId, quote]));
  const unknown = lines.flatMap(({ productId }, index): FieldError[] =>
    byId.has(productId) ? [] : [{ path: `/items/${index}/productId`, code: "NO_SUCH_PRODUCT" }],
  );
  if (unknown.length > 0) throw invalid(...unknown);
  const foreign = lines.flatMap(({ productId }, index): FieldError[] =>
    byId.get(productId)?.unitPrice.currency === currency
      ? []
      : [{ path: `/items/${index}/productId`, code: "PRICED_IN_OTHER_CURRENCY", facts: { currency } }],
  );
  if (foreign.length > 0) throw invalid(...foreign);
  const items = merged.flatMap(({ productId, quantity }): OrderLine[] => {
    const quote = byId.get(productId);
    return quote ? [{ ...quote, quantity, lineTotal: { amount: quote.unitPrice.amount * quantity, currency } }] : [];
  });
  const amount = items.reduce((sum, item) => sum + item.lineTotal.amount, 0);
  if (amount > MAX_AMOUNT) throw invalid({ path: "/items", code: "TOO_EXPENSIVE", facts: { limit: MAX_AMOUNT } });
  return [{ type: "OrderPlaced", data: { ...request, items, total: { amount, currency } } }];
};

/** What the answer of products.reserve means for the order. */
export const afterReserve = (order: KnownOrder, reservation: Reservation): OrderEvent[] => {
  if (order.status !== "pending" || order.stock !== "none") return [];
  switch (reservation.outcome) {
    case "reserved":
      return [{ type: "StockReserved", data: {} }];
    case "refused":
      return [{ type: "OrderRejected", data: { code: "OUT_OF_STOCK", productId: reservation.productId } }];
    case "closed":
      return [];
    default:
      return reservation satisfies never;
  }
};

/** What the answer of payments.authorize means for the order: the authorised payment is what confirms it. */
export const afterAuthorize = (order: KnownOrder, { status, reference }: Payment): OrderEvent[] => {
  if (order.status !== "pending") return [];
  switch (status) {
    case "authorized":
    case "captured":
      return [
        { type: "PaymentAuthorized", data: { reference: reference ?? "" } },
        { type: "OrderConfirmed", data: {} },
      ];
    case "declined":
      return [
        { type: "PaymentDeclined", data: {} },
        { type: "OrderRejected", data: { code: "PAYMENT_DECLINED" } },
      ];
    case "unknown":
    case "pending":
      return order.payment.status === "unknown" ? [] : [{ type: "PaymentUnknown", data: {} }];
    case "voided":
    case "refunded":
      return [];
    default:
      return status satisfies never;
  }
};

/** The end of an order that never settled. Nothing when it has settled meanwhile: whoever appends first decides. */
export const expire = (order: KnownOrder): OrderEvent[] =>
  order.status === "pending" ? [{ type: "OrderRejected", data: { code: "EXPIRED" } }] : [];

/** The order, if it stands where a client saw it. @throws Refusal PRECONDITION_FAILED */
export const atVersion = (order: KnownOrder, ifVersion: IfVersion | undefined): KnownOrder => {
  if (!isMeantFor({ version: order.version }, ifVersion)) throw new Refusal("PRECONDITION_FAILED");
  return order;
};

/** @throws Refusal ORDER_NOT_CANCELLABLE once it is under way or at an end */
export const cancel = (order: KnownOrder, by: string, reason?: string): OrderEvent[] => {
  if (order.status !== "pending" && order.status !== "confirmed")
    throw new Refusal("ORDER_NOT_CANCELLABLE", { orderStatus: order.status });
  return [{ type: "OrderCancelled", data: { by, ...(reason === undefined ? {} : { reason }) } }];
};

/** @throws Refusal ORDER_NOT_SHIPPABLE until it is confirmed, its stock sold and its payment captured */
export const ship = (order: KnownOrder): OrderEvent[] => {
  if (order.status !== "confirmed" || order.stock !== "sold" || order.payment.status !== "captured")
    throw new Refusal("ORDER_NOT_SHIPPABLE", { orderStatus: order.status });
  return [{ type: "OrderShipped", data: {} }];
};

/** @throws Refusal ORDER_NOT_DELIVERABLE unless it is on its way */
export const deliver = (order: KnownOrder): OrderEvent[] => {
  if (order.status !== "shipped") throw new Refusal("ORDER_NOT_DELIVERABLE", { orderStatus: order.status });
  return [{ type: "OrderDelivered", data: {} }];
};

/**
 * The money goes back, the goods do not.
 * @throws Refusal ORDER_NOT_REFUNDABLE unless money was taken and the pieces are sold
 */
export const refund = (order: KnownOrder, by: string, reason?: string): OrderEvent[] => {
  // Pieces that are still only held would be held for ever: nobody would sell or release them.
  const paid =
    order.payment.status === "captured" &&
    order.stock === "sold" &&
    (order.status === "confirmed" || order.status === "shipped" || order.status === "delivered");
  if (!paid) throw new Refusal("ORDER_NOT_REFUNDABLE", { orderStatus: order.status });
  return [{ type: "OrderRefunded", data: { by, ...(reason === undefined ? {} : { reason }) } }];
};

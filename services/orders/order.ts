// What an order is: its events, its states, and what each event makes of it. Pure.
import type { Failure, Order, orderEvents } from "../../contracts/orders";
import type { Payment } from "../../contracts/payments";
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";

/** Events of the same log that are about a user's slots for pending orders. */
const elsewhere = { SlotTaken: true, SlotFreed: true } as const;
type Elsewhere = { type: keyof typeof elsewhere };

export type OrderEvent = Exclude<EventOf<typeof orderEvents>, Elsewhere>;
export type Recorded = Exclude<RecordedOf<typeof orderEvents>, Elsewhere>;
export type PlacedEvent = Extract<OrderEvent, { type: "OrderPlaced" }>;
export type Placed = PlacedEvent["data"];
export type Slot = NonNullable<Placed["slot"]>;

/** Whether an event of the log is about an order itself. */
export const isOrderEvent = (event: RecordedOf<typeof orderEvents>): event is Recorded => !(event.type in elsewhere);

interface Facts extends Omit<Order, "status" | "failure"> {
  requestHash: string;
  /** The request that placed it. */
  attempt?: string;
  /** Which of its owner's slots it has while it is pending. */
  slot?: Slot;
  /** What products holds for this order, as far as this order has recorded it. */
  stock: "none" | "reserved" | "sold" | "released";
}
/** What a status brings along. */
interface Extras {
  rejected: { failure: Failure };
}
type InState<S extends Order["status"]> = Facts & { status: S } & (S extends keyof Extras ? Extras[S] : unknown);
export type KnownOrder = { [S in Order["status"]]: InState<S> }[Order["status"]];
export type OrderState = { status: "absent"; version: 0 } | KnownOrder;

/**
 * Where each status leads: `open` is not decided yet, `on` has its goods and its money, `off` gives both back, `over`
 * gave the money back. A new status asks for its decision here, and then in the steps of the checkout.
 */
export const stages = {
  pending: "open",
  confirmed: "on",
  shipped: "on",
  delivered: "on",
  rejected: "off",
  cancelled: "off",
  refunded: "over",
} as const satisfies Record<Order["status"], "open" | "on" | "off" | "over">;

export const noOrder: OrderState = { status: "absent", version: 0 };

const placed = (event: Recorded & { data: Placed }): KnownOrder => {
  const { paymentMethod, ...data } = event.data;
  const payment = { method: paymentMethod, status: "pending" as const, reference: null };
  return {
    status: "pending",
    id: event.aggregateId,
    ...data,
    payment,
    stock: "none",
    version: event.version,
    createdAt: event.timestamp,
    updatedAt: event.timestamp,
  };
};

/** The order after an event. */
export const evolve = (state: OrderState, event: Recorded): KnownOrder => {
  if (event.type === "OrderPlaced") return placed(event);
  if (state.status === "absent")
    throw new Error(`${event.type} for an order that was never placed: ${event.aggregateId}`);
  const next = { ...state, version: event.version, updatedAt: event.timestamp };
  const paid = (status: Payment["status"], reference = next.payment.reference): KnownOrder => ({
    ...next,
    payment: { ...next.payment, status, reference },
  });
  switch (event.type) {
    case "StockReserved":
      return { ...next, stock: "reserved" };
    case "StockSold":
      return { ...next, stock: "sold" };
    case "StockReleased":
      return { ...next, stock: "released" };
    case "PaymentAuthorized":
      return paid("authorized", event.data.reference);
    case "PaymentUnknown":
      return paid("unknown");
    case "PaymentDeclined":
      return paid("declined");
    case "PaymentCaptured":
      return paid("captured");
    case "PaymentVoided":
      return paid("voided");
    case "PaymentRefunded":
      return paid("refunded");
    case "OrderConfirmed":
      return { ...next, status: "confirmed" };
    case "OrderRejected":
      return { ...next, status: "rejected", failure: event.data };
    case "OrderCancelled":
      return { ...next, status: "cancelled" };
    case "OrderShipped":
      return { ...next, status: "shipped" };
    case "OrderDelivered":
      return { ...next, status: "delivered" };
    case "OrderRefunded":
      return { ...next, status: "refunded" };
    default:
      return event satisfies never;
  }
};

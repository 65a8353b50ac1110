// What the log says of each order, told without the shop's own code: an error in that must not hide itself.
import type { LogCommit, OrderEvent } from "./facts";
import { grouped } from "./grouped";

type Type = OrderEvent["type"];
type Placed = Extract<OrderEvent, { type: "OrderPlaced" }>["data"];

export interface Story {
  readonly id: string;
  readonly events: readonly OrderEvent[];
  /** Undefined when the stream does not begin with an order. */
  readonly placed: Placed | undefined;
  readonly status: string;
  readonly paymentStatus: string;
  readonly version: number;
  has(type: Type): boolean;
}

const STATUS: Partial<Record<Type, string>> = {
  OrderPlaced: "pending",
  OrderConfirmed: "confirmed",
  OrderRejected: "rejected",
  OrderCancelled: "cancelled",
  OrderRefunded: "refunded",
  OrderShipped: "shipped",
  OrderDelivered: "delivered",
};
const PAYMENT: Partial<Record<Type, string>> = {
  OrderPlaced: "pending",
  PaymentAuthorized: "authorized",
  PaymentUnknown: "unknown",
  PaymentDeclined: "declined",
  PaymentCaptured: "captured",
  PaymentVoided: "voided",
  PaymentRefunded: "refunded",
};

const lastOf = (words: Partial<Record<Type, string>>, events: readonly OrderEvent[]): string =>
  events.map(({ type }) => words[type]).findLast(word => word !== undefined) ?? "absent";

const storyOf = (id: string, events: readonly OrderEvent[]): Story => {
  const [first] = events;
  return {
    id,
    events,
    placed: first?.type === "OrderPlaced" ? first.data : undefined,
    status: lastOf(STATUS, events),
    paymentStatus: lastOf(PAYMENT, events),
    version: events.length,
    has: type => events.some(event => event.type === type),
  };
};

/** All orders by id, as their events in the order of the log tell. Slots are no orders. */
export const storiesIn = (log: readonly LogCommit<OrderEvent>[]): Map<string, Story> => {
  const streams = grouped(
    log.flatMap(({ events }) => events).filter(({ type }) => type !== "SlotTaken" && type !== "SlotFreed"),
    ({ aggregateId }) => aggregateId,
  );
  return new Map([...streams].map(([id, events]) => [id, storyOf(id, events)]));
};

/** Whether the customer has, or is to get, what he has paid for. */
export const isOn = ({ status }: Story): boolean => ["confirmed", "shipped", "delivered"].includes(status);

/** What the customer owes when all is settled, in minor units. */
export const owed = (story: Story): number => (isOn(story) ? (story.placed?.total.amount ?? 0) : 0);

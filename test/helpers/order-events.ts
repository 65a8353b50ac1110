// Orders for tests of the rules: what has happened to one, and what it is then.
import { Refusal } from "../../lib/refusal";
import {
  evolve,
  type KnownOrder,
  noOrder,
  type OrderEvent,
  type OrderState,
  type Recorded,
} from "../../services/orders/order";
import { place } from "../../services/orders/order.rules";

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
export const usd = (amount: number) => ({ amount, currency: "USD" });
export const quotes = [
  { productId: "p1", sku: "P-1", name: "Mug", unitPrice: usd(500) },
  { productId: "p2", sku: "P-2", name: "Pen", unitPrice: usd(120) },
];
export const inUsd = { currency: "USD", paymentProvider: "sandbox" };
export const request = (lines: { productId: string; quantity: number }[]) => ({
  userId: "u1",
  requestHash: "h",
  lines,
  shippingAddress,
  paymentMethod: "sandbox:ok" as const,
});
export const placed = place(request([{ productId: "p1", quantity: 2 }]), quotes, inUsd);

export const given = (...events: OrderEvent[]): KnownOrder => {
  const order = events.reduce<OrderState>(
    (state, event, index) =>
      evolve(state, {
        ...event,
        id: `o1-${index + 1}`,
        aggregateId: "o1",
        version: index + 1,
        timestamp: `2026-01-01T00:00:0${index}.000Z`,
      } as Recorded),
    noOrder,
  );
  if (order.status === "absent") throw new Error("no events given");
  return order;
};
export const event = <T extends OrderEvent["type"]>(
  type: T,
  data: Extract<OrderEvent, { type: T }>["data"] = {} as never,
) => ({ type, data }) as OrderEvent;
export const confirmed = [
  ...placed,
  event("StockReserved"),
  event("PaymentAuthorized", { reference: "r" }),
  event("OrderConfirmed"),
];
export const paid = [...confirmed, event("StockSold"), event("PaymentCaptured")];

export const refusal = (command: () => unknown) => {
  try {
    command();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

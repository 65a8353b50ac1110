// The rules of an order's reservation: each step takes effect once, and a late reserve finds it closed. Pure.
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";
import type { Line } from "../../contracts/common";
import type { productEvents } from "../../contracts/product-events";

type Event = EventOf<typeof productEvents>;
type Movement = Extract<Event, { data: { orderId: string; quantity: number } }>["type"];

export type Reservation =
  | { status: "none" }
  | { status: "held"; lines: readonly Line[] }
  | { status: "sold"; lines: readonly Line[] }
  | { status: "closed" };

/** A step of a reservation: what its own stream records, and how the pieces of its lines move. */
export interface Step {
  event: Event;
  moves: readonly { productId: string; event: (orderId: string) => Event }[];
}

const moving = (type: Movement, lines: readonly Line[]): Step["moves"] =>
  lines.map(({ productId, quantity }) => ({ productId, event: orderId => ({ type, data: { orderId, quantity } }) }));

export const evolve = (state: Reservation, event: RecordedOf<typeof productEvents>): Reservation => {
  if (event.type === "ReservationHeld") return { status: "held", lines: event.data.lines };
  if (event.type === "ReservationClosed") return { status: "closed" };
  if (event.type === "ReservationSold" && state.status === "held") return { status: "sold", lines: state.lines };
  throw new Error(`${event.type} does not follow on a reservation that is ${state.status}`);
};

/** One line a product: two lines of one product count together. */
export const merged = (lines: readonly Line[]): Line[] => {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of lines) quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
};

/** Holds pieces for an order that has none yet; the caller has checked that there are enough. */
export const hold = (lines: readonly Line[]): Step => ({
  event: { type: "ReservationHeld", data: { lines: [...lines] } },
  moves: moving("StockReserved", lines),
});

/** The products whose pieces a next step would move. */
export const productsOf = (state: Reservation): string[] =>
  state.status === "held" || state.status === "sold" ? state.lines.map(line => line.productId) : [];

/** do: what is held becomes sold. Null when there is nothing to do: sold before, or never held. */
export const sell = (state: Reservation): Step | null => {
  switch (state.status) {
    case "held":
      return { event: { type: "ReservationSold", data: {} }, moves: moving("StockSold", state.lines) };
    case "none":
    case "sold":
    case "closed":
      return null;
    default:
      return state satisfies never;
  }
};

/** undo: what is held or sold goes back. Closing an order that holds nothing refuses a reserve that comes later. */
export const release = (state: Reservation): Step | null => {
  const event: Event = { type: "ReservationClosed", data: {} };
  switch (state.status) {
    case "none":
      return { event, moves: [] };
    case "held":
      return { event, moves: moving("StockReleased", state.lines) };
    case "sold":
      return { event, moves: moving("StockReturned", state.lines) };
    case "closed":
      return null;
    default:
      return state satisfies never;
  }
};

// Where an order stands in the queue of the sweep: at rest, or in a lane by the time of its next try.
import { isSettled } from "./checkout";
import type { KnownOrder } from "./order";

/** Milliseconds for which an order is left to whoever has just moved it on. */
const LEAVE_ALONE = 2000;

/**
 * `fresh`: not tried since it last moved on, and nobody is known to be silent: it will probably settle at once.
 * `stuck`: all others. However many there are, they do not stand before a fresh one.
 */
export const lanes = ["fresh", "stuck"] as const;
export type Lane = (typeof lanes)[number];

/** The first place of a lane at a time, milliseconds since 1970. */
export const placeAt = (lane: Lane, at: number): string => `${lane}:${new Date(at).toISOString()}`;

/** The place of an order in a lane, by the time of its next try. */
export const placeOf = (lane: Lane, at: number, id: string): string => `${placeAt(lane, at)}:${id}`;

/** Where an order that has just moved on stands. */
export const standing = (order: KnownOrder): string => {
  if (isSettled(order)) return `settled:${order.id}`;
  const lane = order.payment.status === "unknown" ? "stuck" : "fresh";
  return placeOf(lane, Date.parse(order.updatedAt) + LEAVE_ALONE, order.id);
};

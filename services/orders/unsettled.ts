// Which orders have not come to rest, and when is each to be tried next? The queue that the sweep works off.
import type { Collection } from "../../lib/store/store";
import { isSettled } from "./checkout";
import type { Entry } from "./order-entry";
import type { KnownOrder } from "./order";

/** Milliseconds for which an order is left to whoever has just moved it on. */
const LEAVE_ALONE = 2000;
/** Milliseconds: no order waits longer for its next try. */
export const LONGEST_WAIT = 5 * 60_000;

/**
 * `fresh`: not tried since it last moved on, and nobody is known to be silent: it will probably settle at once.
 * `stuck`: all others. However many there are, they do not stand before a fresh one.
 */
export const lanes = ["fresh", "stuck"] as const;
export type Lane = (typeof lanes)[number];

const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();
const key = (lane: Lane, at: number, id: string) => `${lane}:${timeOf(at)}:${id}`;

/** Where an order that has just moved on stands: at rest, or in a lane by the time of its next try. */
export const standing = (order: KnownOrder): string => {
  if (isSettled(order)) return `settled:${order.id}`;
  return key(
    order.payment.status === "unknown" ? "stuck" : "fresh",
    Date.parse(order.updatedAt) + LEAVE_ALONE,
    order.id,
  );
};

export class Unsettled {
  constructor(private readonly entries: Collection<Entry>) {}

  /** Orders of a lane whose time has come, the longest overdue first. */
  async due(lane: Lane, now: number, limit: number): Promise<Entry[]> {
    const late = await this.between(`${lane}:`, `${lane}:${timeOf(now)}`, limit);
    if (late.length === limit) return late;
    // Nobody waits that long: a clock was wrong when this was written down.
    return [
      ...late,
      ...(await this.between(`${lane}:${timeOf(now + 2 * LONGEST_WAIT)}`, `${lane}:~`, limit - late.length)),
    ];
  }

  /**
   * Takes an order for one try, and says when the next one is; null when it has moved on, or another process has taken
   * it.
   */
  claim({ _id, standing: from, tries }: Entry, nextTry: number): Promise<Entry | null> {
    return this.move(_id, from, nextTry, tries + 1);
  }

  /** Another time for the next try, unless the order has moved on since. */
  async postpone({ _id, standing: from, tries }: Entry, nextTry: number): Promise<void> {
    await this.move(_id, from, nextTry, tries);
  }

  private move(id: string, from: string, nextTry: number, tries: number): Promise<Entry | null> {
    return this.entries.update({ _id: id, standing: from }, { $set: { standing: key("stuck", nextTry, id), tries } });
  }

  private between(from: string, to: string, limit: number): Promise<Entry[]> {
    return this.entries.find({ query: { standing: { $gte: from, $lte: to } }, sort: ["standing"], limit });
  }
}

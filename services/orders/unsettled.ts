// Which orders have not come to rest, and when is each to be tried next? The queue that the sweep works off.
import type { Entry, OrderModel } from "./order-entry";
import { type Lane, placeAt, placeOf } from "./standing";

/** Milliseconds: no order waits longer for its next try. */
export const LONGEST_WAIT = 5 * 60_000;

export class Unsettled {
  constructor(private readonly model: Pick<OrderModel, "read" | "entries">) {}

  /** Orders of a lane whose time has come, the longest overdue first. */
  async due(lane: Lane, now: number, limit: number): Promise<Entry[]> {
    const late = await this.between(`${lane}:`, placeAt(lane, now), limit);
    if (late.length === limit) return late;
    // Nobody waits that long: a clock was wrong when this was written down.
    const early = await this.between(placeAt(lane, now + 2 * LONGEST_WAIT), `${lane}:~`, limit - late.length);
    return [...late, ...early];
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
    const place = placeOf("stuck", nextTry, id);
    return this.model.entries.update({ _id: id, standing: from }, { $set: { standing: place, tries } });
  }

  private between(from: string, to: string, limit: number): Promise<Entry[]> {
    return this.model.read(({ entries }) =>
      entries.find({ query: { standing: { $gte: from, $lte: to } }, sort: ["standing"], limit }),
    );
  }
}

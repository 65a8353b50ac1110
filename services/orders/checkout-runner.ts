// Drives orders along their journey: after a request at once, and by the sweep whatever a dead process left behind.
import type { Bus } from "../../lib/moleculer/bus";
import { VersionConflict } from "../../lib/events/event-store";
import { tasksDue } from "./checkout";
import type { KnownOrder } from "./order";
import type { OrderBook } from "./order-commands";

export class Driver {
  private readonly running = new Map<string, Promise<KnownOrder>>();
  private stopped = false;

  constructor(
    private readonly book: Pick<OrderBook, "load" | "append">,
    private readonly bus: Bus,
  ) {}

  /**
   * Takes the order as far as it goes now. Rejects when a service that it needs is not there; the sweep goes on later.
   */
  advance(id: string): Promise<KnownOrder> {
    const before = this.running.get(id) ?? Promise.resolve();
    // After the one under way, not instead of it: that one may have read the order before our caller changed it.
    const run = before.then(
      () => this.drive(id),
      () => this.drive(id),
    );
    this.running.set(id, run);
    const done = () => {
      if (this.running.get(id) === run) this.running.delete(id);
    };
    run.then(done, done);
    return run;
  }

  /** Whether this process is at it already. */
  isDriving(id: string): boolean {
    return this.running.has(id);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.running.values());
  }

  private async drive(id: string): Promise<KnownOrder> {
    for (;;) {
      const order = await this.book.load(id);
      const outcomes = await Promise.allSettled(tasksDue(order).map(task => task(order, this.bus)));
      const events = outcomes.flatMap(outcome => (outcome.status === "fulfilled" ? outcome.value : []));
      const failure = outcomes.find(outcome => outcome.status === "rejected");
      try {
        await this.book.append(id, order, events);
      } catch (error) {
        if (error instanceof VersionConflict) continue;
        throw error;
      }
      if (failure) throw failure.reason;
      if (events.length === 0 || this.stopped) return order;
    }
  }
}

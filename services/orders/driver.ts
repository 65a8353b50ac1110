// Drives orders along their journey: after a request at once, and by a sweep whatever a dead process left behind.
import type { Bus } from "../../lib/bus";
import { VersionConflict } from "../../lib/event-store";
import type { Logger } from "../../lib/service";
import { tasksDue } from "./checkout";
import type { KnownOrder } from "./order";
import type { OrderBook } from "./order-book";
import type { OrderList } from "./order-list";

/** Milliseconds. */
const SWEEP_EVERY = 1000;
const LEAVE_ALONE = 2000;
const MAX_BACKOFF = 10_000;
const AT_ONCE = 16;

export class Driver {
  private readonly running = new Map<string, Promise<KnownOrder>>();
  private readonly waiting = new Map<string, { rounds: number; until: number }>();
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly book: OrderBook,
    private readonly list: OrderList,
    private readonly bus: Bus,
    private readonly now: () => Date,
  ) {}

  /** Takes the order as far as it goes now. Rejects when a service that it needs is not there; the sweep goes on later. */
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

  start(logger: Logger): void {
    const round = () => {
      this.sweeping = this.sweep(logger)
        .catch(error => logger.warn("The sweep for unsettled orders failed, trying again:", error instanceof Error ? error.message : error))
        .finally(() => {
          if (!this.stopped) this.timer = setTimeout(round, SWEEP_EVERY).unref();
        });
    };
    round();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
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

  private async sweep(logger: Logger): Promise<void> {
    const now = this.now().getTime();
    const ids = await this.list.unsettledSince(new Date(now - LEAVE_ALONE).toISOString());
    for (const id of this.waiting.keys()) if (!ids.includes(id)) this.waiting.delete(id);
    const due = ids.filter(id => !this.running.has(id) && (this.waiting.get(id)?.until ?? 0) <= now);
    for (let start = 0; start < due.length && !this.stopped; start += AT_ONCE) {
      await Promise.all(due.slice(start, start + AT_ONCE).map(id => this.resume(id, logger)));
    }
  }

  private async resume(id: string, logger: Logger): Promise<void> {
    const rounds = (this.waiting.get(id)?.rounds ?? 0) + 1;
    this.waiting.set(id, { rounds, until: this.now().getTime() + Math.min(500 * 2 ** rounds, MAX_BACKOFF) });
    try {
      const order = await this.advance(id);
      logger.info(`Order ${id} was unsettled; now ${order.status}, payment ${order.payment.status}.`);
    } catch (error) {
      logger.warn(`Order ${id} cannot go on yet:`, error instanceof Error ? error.message : error);
    }
  }
}

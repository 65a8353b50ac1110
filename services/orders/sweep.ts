// Finishes what dead processes left behind, however many orders are stuck: each is tried at its own time, and no try
// waits for another.
import { messageOf } from "../../lib/errors";
import type { Logger } from "../../lib/logger";
import type { Origin } from "../../lib/moleculer/origin";
import { isSettled } from "./checkout";
import type { CheckoutRunner } from "./checkout-runner";
import type { OrderCommands } from "./order-commands";
import { expire } from "./order.rules";
import type { Entry } from "./order-entry";
import { type Lane, lanes } from "./standing";
import { LONGEST_WAIT, type Unsettled } from "./unsettled";

/** Milliseconds between rounds, and between rounds while more is due than one round begins. */
const EVERY = 1000;
const EVERY_WHEN_BUSY = 250;
/** Tries of one lane that may be under way: they mostly wait, for a provider that may be silent. */
const UNDER_WAY = 128;
/** Tries of one lane that a round begins: the rest of the machine belongs to customers. */
const BEGUN_AT_ONCE = 32;
/**
 * Milliseconds. Short after a fault of ours, which somebody is mending; longer while the provider has nothing to say.
 */
const WAIT_AFTER_FAULT = 10_000;
const WAIT_WHILE_PENDING = 60_000;

const waitFor = (tries: number, longest: number) => Math.min(500 * 2 ** tries, longest);

export interface SweepParts {
  unsettled: Unsettled;
  commands: Pick<OrderCommands, "change">;
  runner: Pick<CheckoutRunner, "advance" | "isRunning">;
  /** Each try is a request of its own. */
  newOrigin(): Origin;
  now(): Date;
  /** Milliseconds after which an order that is still pending is rejected. */
  expiryMs: number;
}

export class Sweep {
  private readonly underWay: Readonly<Record<Lane, Set<Promise<void>>>> = { fresh: new Set(), stuck: new Set() };
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly parts: SweepParts,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const next = async () => {
      let more = false;
      try {
        more = await this.round();
      } catch (error) {
        this.logger.warn("The sweep for unsettled orders failed, trying again:", messageOf(error));
      }
      if (!this.stopped) this.timer = setTimeout(begin, more ? EVERY_WHEN_BUSY : EVERY).unref();
    };
    const begin = () => {
      this.running = next();
    };
    begin();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    await this.settled();
  }

  /** Begins what is due, as far as there is room, and waits for none of it. True when there may be more. */
  async round(): Promise<boolean> {
    const full = await Promise.all(lanes.map(lane => this.begin(lane)));
    return full.includes(true);
  }

  /** When all that was begun has ended. */
  async settled(): Promise<void> {
    await Promise.all(lanes.flatMap(lane => [...this.underWay[lane]]));
  }

  private async begin(lane: Lane): Promise<boolean> {
    const underWay = this.underWay[lane];
    const room = Math.min(BEGUN_AT_ONCE, UNDER_WAY - underWay.size);
    if (room <= 0) return true;
    const due = await this.parts.unsettled.due(lane, this.parts.now().getTime(), room);
    for (const entry of due) {
      const attempt: Promise<void> = this.attempt(entry).finally(() => underWay.delete(attempt));
      underWay.add(attempt);
    }
    return due.length === room;
  }

  /** Never rejects: whatever went wrong, the order has a time for its next try. */
  private async attempt(entry: Entry): Promise<void> {
    const { unsettled, commands, runner, newOrigin } = this.parts;
    try {
      const claimed = this.stopped ? null : await unsettled.claim(entry, this.nextTry(entry, WAIT_AFTER_FAULT));
      if (!claimed) return;
      const origin = newOrigin();
      if (this.isOver(entry) && (await commands.change(entry._id, expire, origin)).status === "rejected")
        this.logger.info(`Order ${entry._id} never settled: expired.`);
      if (runner.isRunning(entry._id)) return;
      const { order } = await runner.advance(entry._id, origin);
      if (isSettled(order))
        this.logger.info(`Order ${order.id} was unsettled; now ${order.status}, payment ${order.payment.status}.`);
      else
        await unsettled.postpone(
          claimed,
          this.nextTry(entry, order.status === "pending" ? WAIT_WHILE_PENDING : LONGEST_WAIT),
        );
    } catch (error) {
      this.logger[entry.tries === 0 ? "warn" : "debug"](`Order ${entry._id} cannot go on yet:`, messageOf(error));
    }
  }

  /**
   * Not before a try in vain: a clock that jumps ahead ends no order that would settle if it were tried. A time of
   * placing that lies ahead by as much is no time either: a clock that was wrong then must not hold the pieces until it
   * would be right.
   */
  private isOver({ status, tries, createdAt }: Entry): boolean {
    const { now, expiryMs } = this.parts;
    return status === "pending" && tries > 0 && Math.abs(now().getTime() - Date.parse(createdAt)) >= expiryMs;
  }

  /** Doubling with each try in vain; and in time for the end of an order that is pending. */
  private nextTry({ status, createdAt, tries }: Entry, longest: number): number {
    const now = this.parts.now().getTime();
    const next = now + waitFor(tries + 1, longest);
    const end = Date.parse(createdAt) + this.parts.expiryMs;
    return status === "pending" && end > now ? Math.min(next, end) : next;
  }
}

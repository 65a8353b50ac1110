// Takes the waiting mails, oldest first, and sends them: whoever is put off holds up nobody but himself.
import type { Logger } from "../../lib/logger";
import type { Mail } from "./delivery";
import type { Happening, MailQueue, WaitingDocument } from "./queue";
import { afterDeferral, afterFault } from "./retry.rules";
import type { Result, SendOnce } from "./send-once";

/**
 * A mail about an event as it is now, and whose allowance it counts against; undefined when there is nobody to write
 * to.
 */
export type Compose = (event: Happening) => Promise<{ mail: Mail; mailbox?: string } | undefined>;

const BATCH = 100;
/** Milliseconds between looks for mails whose time has come. */
const INTERVAL = 1000;
const MAX_PAUSE = 5000;

/**
 * What waits for a mail that another process sends, or for one that is put off, is looked at again in the next round.
 */
const UNCHANGED = false;
const MOVED = true;

export class MailSender {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failures = 0;

  constructor(
    private readonly queue: MailQueue,
    private readonly outlet: SendOnce,
    private readonly compose: Compose,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /** Looks for mails to send, now; resolves when there is nothing more to do, or a fault has ended the round. */
  nudge(): Promise<void> {
    this.again = true;
    if (this.stopped) return Promise.resolve();
    this.running ??= this.round().then(() => this.rest());
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private rest(): void {
    this.running = undefined;
    clearTimeout(this.timer);
    if (this.stopped) return;
    const pause = this.failures > 0 ? Math.min(100 * 2 ** this.failures, MAX_PAUSE) : INTERVAL;
    this.timer = setTimeout(() => void this.nudge(), pause);
    this.timer.unref();
  }

  /** Never rejects. A mail that could not be tried ends the round: most likely the others could not either. */
  private async round(): Promise<void> {
    try {
      for (this.again = true; this.again;) {
        this.again = false;
        for (const waiting of await this.queue.due(BATCH)) {
          if (this.stopped) return;
          if (await this.advance(waiting)) this.again = true;
        }
      }
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      const message = error instanceof Error ? error.message : error;
      // Once or twice is a restart; from then on somebody should know.
      this.logger[this.failures === 3 ? "warn" : "debug"]("Mail cannot be sent, trying again:", message);
    }
  }

  private async advance(waiting: WaitingDocument): Promise<boolean> {
    const first = await this.queue.before(waiting);
    if (first) {
      if (first.next <= waiting.next) return UNCHANGED;
      await this.queue.postpone(waiting, { next: first.next });
      return MOVED;
    }
    try {
      return await this.send(waiting);
    } catch (error) {
      await this.queue.postpone(waiting, afterFault(waiting, this.now()));
      throw error;
    }
  }

  private async send(waiting: WaitingDocument): Promise<boolean> {
    const { _id, event } = waiting;
    const isDone = await this.outlet.isSettled(_id);
    const letter = isDone ? undefined : await this.compose(event);
    if (!letter) {
      if (!isDone) this.logger.warn(`No mail about ${_id}: the order or its owner is gone.`);
      await this.queue.remove(waiting);
      return MOVED;
    }
    const result = await this.outlet.send(letter.mail, letter.mailbox);
    if (result.status === "taken") return UNCHANGED;
    if (result.status === "deferred" && (await this.putOff(waiting, result.reason))) return MOVED;
    this.tell(_id, result);
    await this.queue.remove(waiting);
    return MOVED;
  }

  /** False when it is given up. */
  private async putOff(waiting: WaitingDocument, reason: string): Promise<boolean> {
    const tries = afterDeferral(waiting, this.now());
    if (!tries) {
      await this.outlet.giveUp(waiting._id);
      return false;
    }
    await this.queue.postpone(waiting, tries);
    this.logger.info(`The mail about ${waiting._id} waits until ${tries.next}: ${reason}`);
    return true;
  }

  private tell(id: string, result: Result): void {
    if (result.status === "rejected") this.logger.error(`The mail about ${id} will not arrive: ${result.reason}`);
    if (result.status === "deferred")
      this.logger.error(`The mail about ${id} is given up after a day: ${result.reason}`);
    if (result.status === "dropped") {
      const level = result.isFirst ? "warn" : "debug";
      this.logger[level](`The mail about ${id} is dropped: its address is not verified and had its share of the day.`);
    }
  }
}

// Takes the waiting mails, oldest first, and sends them: whoever is put off holds up nobody but himself.
import { messageOf } from "../../lib/errors";
import type { Logger } from "../../lib/logger";
import { Rounds } from "../../lib/rounds";
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
/** Between looks for mails whose time has come. */
const INTERVAL_MS = 1000;

/**
 * What waits for a mail that another process sends, or for one that is put off, is looked at again in the next round.
 */
const UNCHANGED = false;
const MOVED = true;

export class MailSender {
  private readonly rounds = new Rounds({
    work: () => this.round(),
    onError: (error, failures) =>
      // Once or twice is a restart; from then on somebody should know.
      this.logger[failures === 3 ? "warn" : "debug"]("Mail cannot be sent, trying again:", messageOf(error)),
    intervalMs: INTERVAL_MS,
  });

  constructor(
    private readonly queue: MailQueue,
    private readonly outlet: SendOnce,
    private readonly compose: Compose,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /** Looks for mails to send, now; resolves when there is nothing more to do, or a fault has ended the round. */
  nudge(): Promise<void> {
    return this.rounds.nudge();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** A mail that could not be tried ends the round: most likely the others could not either. */
  private async round(): Promise<boolean> {
    let moved: boolean = UNCHANGED;
    for (const waiting of await this.queue.due(BATCH)) {
      if (this.rounds.isStopped) break;
      if (await this.advance(waiting)) moved = MOVED;
    }
    return moved;
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
    const isDone = await this.outlet.isDone(_id);
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

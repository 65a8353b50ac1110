// Sends each mail once, though its event may come again and several processes may see it at the same time.
import { setTimeout } from "node:timers/promises";
import { type Collection, DuplicateKey } from "../../lib/store";
import type { Delivery, Mail, Outcome } from "./delivery";
import { SEND_TIMEOUT } from "./smtp";

export interface SentDocument {
  /** The id of the event that caused the mail. */
  _id: string;
  outcome: "sending" | "sent" | "rejected";
  /** RFC 3339, UTC: when it was first tried. */
  since: string;
  /** RFC 3339, UTC: until then nobody but the claim's holder sends it. */
  until: string;
}

/** Milliseconds. Longer than a send can last, with room for clocks that differ between machines. */
const LEASE = SEND_TIMEOUT + 5000;
/** Milliseconds for which a recipient who cannot be reached holds up the mail of all others. */
const PATIENCE = 10 * 60_000;
/** Looks at another process's claim, and the milliseconds between them. */
const LOOKS = 20;
const LOOK_INTERVAL = 100;

/**
 * A claim, a send, a note of the outcome. Only a process that dies between the server's yes and its note sends a mail again,
 * once the claim has expired and with the same Message-ID: SMTP knows no better.
 */
export class Postbox implements Delivery {
  constructor(
    private readonly sent: Collection<SentDocument>,
    private readonly delivery: Delivery,
    private readonly now: () => Date,
  ) {}

  /** Never `deferred`: rejects as long as another try may help. What was settled before counts as sent: there is nothing more to tell. */
  async send(mail: Mail): Promise<Outcome> {
    for (let look = 1; look <= LOOKS; look += 1) {
      const claim = await this.claim(mail.id);
      if (claim) return this.deliver(mail, claim);
      const outcome = (await this.sent.get(mail.id))?.outcome;
      if (outcome === "sent" || outcome === "rejected") return { status: "sent" };
      await setTimeout(LOOK_INTERVAL);
    }
    throw new Error(`another process has begun to send the mail about ${mail.id}`);
  }

  close(): void {
    this.delivery.close();
  }

  private async deliver(mail: Mail, { since, until }: SentDocument): Promise<Outcome> {
    let outcome: Outcome;
    try {
      outcome = await this.delivery.send(mail);
      if (outcome.status === "deferred") outcome = this.giveUp(mail, since, outcome.reason);
    } catch (error) {
      await this.sent.update({ _id: mail.id, until }, { $set: { until: this.now().toISOString() } });
      throw error;
    }
    await this.sent.update({ _id: mail.id }, { $set: { outcome: outcome.status } });
    return outcome;
  }

  private giveUp({ id }: Mail, since: string, reason: string): Outcome {
    if (this.now().getTime() - Date.parse(since) < PATIENCE) throw new Error(`the recipient of the mail about ${id} cannot be reached: ${reason}`);
    return { status: "rejected", reason };
  }

  /** The claim of this process; null when the mail has left, or another process has it. */
  private async claim(id: string): Promise<SentDocument | null> {
    const now = this.now();
    const claim: SentDocument = { _id: id, outcome: "sending", since: now.toISOString(), until: new Date(now.getTime() + LEASE).toISOString() };
    try {
      await this.sent.insert(claim);
      return claim;
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
    return this.sent.update({ _id: id, outcome: "sending", until: { $lte: now.toISOString() } }, { $set: { until: claim.until } });
  }
}

// Sends each mail once, though its event may come again and several processes may see it at the same time.
import { type Collection, DuplicateKey, type Store } from "../../lib/store/store";
import { isOneAddress, UNVERIFIED_MAILS, UNVERIFIED_WINDOW_MS } from "./addressee.rules";
import type { Delivery, Mail, Outcome } from "./delivery";
import { SEND_TIMEOUT_MS } from "./smtp";

export interface SentDocument {
  /** The id of the event that caused the mail. */
  _id: string;
  outcome: "sending" | "sent" | "rejected" | "dropped";
  /** RFC 3339, UTC: when it was last tried. */
  since: string;
  /** RFC 3339, UTC: until then nobody but the claim's holder sends it. */
  until: string;
  /** Which mailbox's allowance it counts against, hashed; absent when the address is verified. */
  mailbox?: string;
}

/**
 * `done`: it has left, or will never leave. `taken`: another process is about to send it. `dropped`: one too many.
 */
export type Result =
  Outcome | { readonly status: "done" | "taken" } | { readonly status: "dropped"; readonly isFirst: boolean };

const NO_ADDRESS: Outcome = { status: "rejected", reason: "its address is not one mailbox" };

/** Longer than a send can last, with room for clocks that differ between machines. */
const LEASE_MS = SEND_TIMEOUT_MS + 5000;

/** Every mail that was tried, whatever came of it. */
export const openSent = (store: Store): Promise<Collection<SentDocument>> =>
  store.collection<SentDocument>("sent", { indexes: [{ fields: ["mailbox", "since"] }] });

/**
 * A claim, a send, a note of the outcome. Only a process that dies between the server's yes and its note sends a mail
 * again, once the claim has expired and with the same Message-ID: SMTP knows no better.
 */
export class SendOnce {
  private constructor(
    private readonly sent: Collection<SentDocument>,
    private readonly delivery: Delivery,
    private readonly now: () => Date,
  ) {}

  static async open(store: Store, delivery: Delivery, now: () => Date): Promise<SendOnce> {
    return new SendOnce(await openSent(store), delivery, now);
  }

  /** Whether nothing is left to do about the mail. */
  async isDone(id: string): Promise<boolean> {
    const outcome = (await this.sent.get(id))?.outcome;
    return outcome !== undefined && outcome !== "sending";
  }

  /**
   * Tries once. `mailbox` counts the mail against that mailbox's allowance: two processes that count at the same moment
   * may both hold back, and never both send.
   * @throws Error when it could not be tried, or when nobody knows what came of it: then it is worth another try
   */
  async send(mail: Mail, mailbox?: string): Promise<Result> {
    const claim = await this.claim(mail.id, mailbox);
    if (!claim) return { status: (await this.isDone(mail.id)) ? "done" : "taken" };
    if (mailbox !== undefined && (await this.count(mailbox, mail.id, ["sending", "sent"])) >= UNVERIFIED_MAILS) {
      const isFirst = (await this.count(mailbox, mail.id, ["dropped"])) === 0;
      await this.note(mail.id, "dropped");
      return { status: "dropped", isFirst };
    }
    return this.deliver(mail, claim);
  }

  /** Notes that a mail will never be sent. */
  async giveUp(id: string): Promise<void> {
    await this.note(id, "rejected");
  }

  private async deliver(mail: Mail, { until }: SentDocument): Promise<Outcome> {
    let outcome: Outcome | undefined;
    try {
      outcome = isOneAddress(mail.to.address) ? await this.delivery.send(mail) : NO_ADDRESS;
    } finally {
      if (outcome === undefined || outcome.status === "deferred") {
        await this.sent.update({ _id: mail.id, until }, { $set: { until: this.now().toISOString() } });
      }
    }
    if (outcome.status !== "deferred") await this.note(mail.id, outcome.status);
    return outcome;
  }

  private async note(_id: string, outcome: Exclude<SentDocument["outcome"], "sending">): Promise<void> {
    await this.sent.update({ _id }, { $set: { outcome } });
  }

  /** Other mails to the mailbox, of the last 24 hours. */
  private async count(mailbox: string, id: string, outcomes: readonly SentDocument["outcome"][]): Promise<number> {
    const since = new Date(this.now().getTime() - UNVERIFIED_WINDOW_MS).toISOString();
    return this.sent.count({ mailbox, since: { $gt: since }, outcome: { $in: outcomes }, _id: { $ne: id } });
  }

  /** The claim of this process; null when the mail is done, or another process has it. */
  private async claim(_id: string, mailbox: string | undefined): Promise<SentDocument | null> {
    const now = this.now();
    const until = new Date(now.getTime() + LEASE_MS).toISOString();
    const claim = { since: now.toISOString(), until, ...(mailbox === undefined ? {} : { mailbox }) };
    try {
      const document: SentDocument = { _id, outcome: "sending", ...claim };
      await this.sent.insert(document);
      return document;
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
    return this.sent.update({ _id, outcome: "sending", until: { $lte: now.toISOString() } }, { $set: claim });
  }
}

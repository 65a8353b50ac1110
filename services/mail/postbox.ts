// Sends each mail once: remembers what has left, so that an event that comes again causes no second mail.
import { DuplicateKey, type Collection } from "../../lib/store";
import { type Delivery, type Mail, MailRejected } from "./delivery";

export interface SentDocument {
  /** The id of the event that caused the mail. */
  _id: string;
  outcome: "sent" | "rejected";
}

export class Postbox {
  constructor(
    private readonly sent: Collection<SentDocument>,
    private readonly delivery: Delivery,
  ) {}

  /**
   * Sends the mail unless it has left before. A crash between the SMTP server's yes and our note of it sends it again, with
   * the same Message-ID: e-mail knows no better.
   */
  async send(mail: Mail): Promise<SentDocument["outcome"] | "before"> {
    if (await this.sent.get(mail.id)) return "before";
    const outcome = await this.deliver(mail);
    try {
      await this.sent.insert({ _id: mail.id, outcome });
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
    return outcome;
  }

  private async deliver(mail: Mail): Promise<SentDocument["outcome"]> {
    try {
      await this.delivery.send(mail);
      return "sent";
    } catch (error) {
      if (error instanceof MailRejected) return "rejected";
      throw error;
    }
  }
}

// Mail: follows the orders and writes to their owners, once per event and in order.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { mail } from "../../contracts/mail";
import { defineService } from "../../lib/moleculer/service";
import { greetingName, mailboxOf } from "./addressee.rules";
import { outbox } from "./outbox";
import { type Happening, MailQueue } from "./queue";
import { SendOnce } from "./send-once";
import { type Compose, MailSender } from "./sender";
import { settings } from "./settings";
import { smtp } from "./smtp";
import { type Occasion, write } from "./templates.rules";

/** Enough to count a mailbox's mails, and no list of addresses. */
const fingerprint = (mailbox: string) => createHash("sha256").update(mailbox).digest("base64url");

export default defineService("mail", mail, {
  settings,
  follows: ["orders"],
  async open({ settings: { SMTP_URL: smtpUrl, MAIL_FROM: mailFrom, DATA_DIR: dataDir }, store, logger, now, bus }) {
    const queue = await MailQueue.open(store, now);
    const delivery = smtpUrl ? smtp(smtpUrl) : outbox(join(dataDir, "outbox"));
    const outlet = await SendOnce.open(store, delivery, now);

    const compose: Compose = async event => {
      const order = await bus.call("orders.read", { id: event.aggregateId });
      const contact = order && (await bus.call("users.contact", { id: order.userId }));
      if (!order || !contact) return undefined;
      const { email: address, emailVerified, locale } = contact;
      const name = greetingName(contact.name);
      const letter = write(event, order, { name, locale });
      const message = { id: event.id, date: event.timestamp, from: mailFrom, to: { name, address }, ...letter };
      return { mail: message, ...(emailVerified ? {} : { mailbox: fingerprint(mailboxOf(address)) }) };
    };

    const tell = async (event: Happening) => {
      await queue.add(event);
      void sender.nudge();
    };

    const sender = new MailSender(queue, outlet, compose, now, logger);
    // Every event of which templates.rules says that a customer hears.
    const letters: Readonly<Record<Occasion["type"], typeof tell>> = {
      OrderConfirmed: tell,
      OrderRejected: tell,
      OrderCancelled: tell,
      OrderShipped: tell,
      OrderRefunded: tell,
    };
    return {
      actions: {},
      on: {
        orders: {
          OrderPlaced: ({ aggregateId, data }) => queue.remember(aggregateId, data.userId),
          ...letters,
        },
      },
      started: () => void sender.nudge(),
      async stopped() {
        await sender.stop();
        delivery.close();
      },
    };
  },
});

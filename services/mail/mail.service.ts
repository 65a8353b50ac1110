// Mail: follows the orders and writes to their owners, once per event and in order.
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { mail } from "../../contracts/mail";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/events/checkpoint";
import type { Runtime } from "../../lib/moleculer/runtime";
import { defineService } from "../../lib/moleculer/service";
import { greetingName, mailboxOf } from "./addressee.rules";
import { outbox } from "./outbox";
import { type Happening, MailQueue } from "./queue";
import { SendOnce } from "./send-once";
import { type Compose, MailSender } from "./sender";
import { smtp } from "./smtp";
import { write } from "./templates.rules";

/** Enough to count a mailbox's mails, and no list of addresses. */
const fingerprint = (mailbox: string) => createHash("sha256").update(mailbox).digest("base64url");

export const mailService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config, bus } = runtime;
  const now = () => runtime.now();
  const store = await runtime.openStore("mail");
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  const queue = await MailQueue.open(store, now);
  const delivery = config.smtpUrl ? smtp(config.smtpUrl) : outbox(join(config.dataDir, "outbox"));
  const outlet = await SendOnce.open(store, delivery, now);
  let sender: MailSender | undefined;

  const compose: Compose = async event => {
    const order = await bus.call("orders.read", { id: event.aggregateId });
    const contact = order && (await bus.call("users.contact", { id: order.userId }));
    if (!order || !contact) return undefined;
    const { email: address, emailVerified, locale } = contact;
    const name = greetingName(contact.name);
    const letter = write(event, order, { name, locale });
    const message = { id: event.id, date: event.timestamp, from: config.mailFrom, to: { name, address }, ...letter };
    return { mail: message, ...(emailVerified ? {} : { mailbox: fingerprint(mailboxOf(address)) }) };
  };

  const tell = async (event: Happening) => {
    await queue.add(event);
    void sender?.nudge();
  };

  return defineService(runtime, "mail", mail, {
    store,
    actions: {},
    follows: [
      {
        source: "orders",
        checkpoint: storedCheckpoint(checkpoints, "orders"),
        on: {
          OrderPlaced: ({ aggregateId, data }) => queue.remember(aggregateId, data.userId),
          OrderConfirmed: tell,
          OrderRejected: tell,
          OrderCancelled: tell,
          OrderShipped: tell,
          OrderRefunded: tell,
        },
      },
    ],
    started(logger) {
      sender = new MailSender(queue, outlet, compose, now, logger);
      void sender.nudge();
    },
    async stopped() {
      await sender?.stop();
      delivery.close();
    },
  });
};

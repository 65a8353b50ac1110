// Mail: follows the orders and writes to their owners, once per event and in order.
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { mail } from "../../contracts/mail";
import type { Recorded } from "../../lib/event-store";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/feed";
import type { Runtime } from "../../lib/runtime";
import { defineService, type Logger } from "../../lib/service";
import type { Delivery } from "./delivery";
import { outbox } from "./outbox";
import { Postbox, type SentDocument } from "./postbox";
import { smtp } from "./smtp";
import { type Occasion, oneLine, write } from "./templates";

export const mailService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config, bus } = runtime;
  const store = await runtime.openStore("mail");
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  const sent = await store.collection<SentDocument>("sent");
  // A file is written once by its name; an SMTP server takes a mail as often as it is sent.
  const delivery: Delivery = config.smtpUrl ? new Postbox(sent, smtp(config.smtpUrl), () => runtime.now()) : outbox(join(config.dataDir, "outbox"));
  let logger: Logger | undefined;

  const tell = async (event: Recorded & Occasion) => {
    const order = await bus.call("orders.read", { id: event.aggregateId });
    const contact = order && (await bus.call("users.contact", { id: order.userId }));
    if (!order || !contact) return logger?.warn(`No mail about ${event.id}: the order or its owner is gone.`);
    const to = { name: oneLine(contact.name), address: contact.email };
    const outcome = await delivery.send({ id: event.id, date: event.timestamp, from: config.mailFrom, to, ...write(event, order, contact) });
    if (outcome.status !== "sent") logger?.error(`The mail about ${event.id} will not arrive: ${outcome.reason}`);
  };

  return defineService(runtime, "mail", mail, {
    store,
    actions: {},
    follows: [
      {
        source: "orders",
        checkpoint: storedCheckpoint(checkpoints, "orders"),
        on: { OrderConfirmed: tell, OrderRejected: tell, OrderCancelled: tell, OrderShipped: tell, OrderRefunded: tell },
      },
    ],
    started(log) {
      logger = log;
    },
    stopped: () => delivery.close(),
  });
};

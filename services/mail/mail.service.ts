// Mail: follows the orders and writes to their owners, once per event and in order.
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { mail } from "../../contracts/mail";
import type { Recorded } from "../../lib/event-store";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/feed";
import type { Runtime } from "../../lib/runtime";
import { defineService, type Logger } from "../../lib/service";
import { outbox, smtp } from "./delivery";
import { type Occasion, write } from "./templates";
import { Postbox, type SentDocument } from "./postbox";

export const mailService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config, bus } = runtime;
  const store = await runtime.openStore("mail");
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  const delivery = config.smtpUrl ? smtp(config.smtpUrl) : outbox(join(config.dataDir, "outbox"));
  const postbox = new Postbox(await store.collection<SentDocument>("sent"), delivery);
  let logger: Logger | undefined;

  const tell = (occasion: Occasion) => async (event: Recorded) => {
    const order = await bus.call("orders.read", { id: event.aggregateId });
    const contact = order && (await bus.call("users.contact", { id: order.userId }));
    if (!order || !contact) return logger?.warn(`Nobody to tell about ${event.id}: the order or its owner is gone.`);
    const letter = write(occasion, order, contact);
    const outcome = await postbox.send({ id: event.id, date: event.timestamp, from: config.mailFrom, to: { name: contact.name, address: contact.email }, ...letter });
    if (outcome === "rejected") logger?.error(`The mail about ${event.id} was refused for good by the mail server.`);
  };

  return defineService(runtime, "mail", mail, {
    store,
    actions: {},
    follows: [
      {
        source: "orders",
        checkpoint: storedCheckpoint(checkpoints, "orders"),
        on: {
          OrderConfirmed: tell("OrderConfirmed"),
          OrderRejected: tell("OrderRejected"),
          OrderCancelled: tell("OrderCancelled"),
          OrderShipped: tell("OrderShipped"),
          OrderRefunded: tell("OrderRefunded"),
        },
      },
    ],
    started(log) {
      logger = log;
    },
    stopped: () => delivery.close(),
  });
};

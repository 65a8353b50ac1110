// Puts a process together: broker, runtime, and the services that this process hosts.
import { randomUUID } from "node:crypto";
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import { AccessTokens } from "../lib/access/access-tokens";
import { authorityOn } from "../lib/access/authority";
import type { Bus } from "../lib/moleculer/bus";
import type { Config } from "../lib/config";
import { requireNats } from "../lib/moleculer/nats";
import { holdName } from "../lib/moleculer/node-name";
import { openStore } from "../lib/store/open-store";
import type { StartupError } from "../lib/refusal";
import type { Place } from "../lib/moleculer/middlewares/replace-dead-nodes";
import type { Runtime } from "../lib/moleculer/runtime";
import { toCallingOptions } from "../lib/moleculer/service";
import type { ServiceName } from "../lib/settings";
import { addressOf, apiService, drain } from "../services/api/api.service";
import { mailService } from "../services/mail/mail.service";
import { ordersService } from "../services/orders/orders.service";
import { paymentsService } from "../services/payments/payments.service";
import { productsService } from "../services/products/products.service";
import { usersService } from "../services/users/users.service";

const factories: Readonly<Record<ServiceName, (runtime: Runtime) => Promise<ServiceSchema>>> = {
  api: apiService,
  users: usersService,
  products: productsService,
  orders: ordersService,
  payments: paymentsService,
  mail: mailService,
};

const busOf = (broker: ServiceBroker): Bus => ({
  call: (name, params, options) => broker.call(name, params, toCallingOptions(options)),
  emit: (name, payload) => broker.broadcast(name, payload),
});

export interface Shop {
  broker: ServiceBroker;
  notices: readonly string[];
  /** Where the gateway listens, such as `http://127.0.0.1:3000`; undefined when another process hosts it. */
  address: string | undefined;
  /** Takes no more requests, finishes those in flight, and closes the stores. */
  stop(): Promise<void>;
}

/**
 * Opens the stores, starts the services and resolves when they are ready.
 * @param onReplaced called when another process has taken this one's name, because this one hung or was cut off
 * @throws StartupError when NATS does not answer, a live process has the name, a store cannot be opened or the port is
 * taken
 */
export const startShop = async (
  config: Config,
  options: BrokerOptions,
  onReplaced: (why: StartupError) => void,
): Promise<Shop> => {
  if (config.nats) await requireNats(config.nats);
  const held = config.nats && (await holdName(config.nats, options.metadata as Place, onReplaced));
  const broker = new ServiceBroker(options);
  const bus = busOf(broker);
  const notices: string[] = [];
  const runtime: Runtime = {
    config,
    bus,
    access: new AccessTokens(authorityOn(bus), () => new Date()),
    now: () => new Date(),
    newId: prefix => `${prefix}_${randomUUID().replaceAll("-", "")}`,
    openStore: service => openStore(config, service),
    notice: line => notices.push(line),
  };
  for (const name of config.services) broker.createService(await factories[name](runtime));
  await broker.start();
  const stop = async () => {
    await drain(broker);
    await broker.stop();
    await held?.release();
  };
  return { broker, notices, address: addressOf(broker), stop };
};

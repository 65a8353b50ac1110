// Starts some of the services in the test's own process, on the embedded store in a folder of its own.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { AccessTokens } from "../../lib/access/access-tokens";
import { authorityOn } from "../../lib/access/authority";
import type { Bus } from "../../lib/moleculer/bus";
import { readConfig } from "../../lib/config";
import { openStore } from "../../lib/store/open-store";
import type { Runtime } from "../../lib/moleculer/runtime";
import { toCallingOptions } from "../../lib/moleculer/service";
import type { ServiceName } from "../../lib/settings";
import { brokerOptions } from "../../moleculer.config";
import { Recorder } from "./recorder";

type Factory = (runtime: Runtime) => Promise<ServiceSchema>;

/** Loaded when asked for, so that a test needs no more than the services it starts. */
const factories: Readonly<Record<ServiceName, () => Factory>> = {
  api: () => (require("../../services/api/api.service") as typeof import("../../services/api/api.service")).apiService,
  users: () =>
    (require("../../services/users/users.service") as typeof import("../../services/users/users.service")).usersService,
  products: () =>
    (require("../../services/products/products.service") as typeof import("../../services/products/products.service"))
      .productsService,
  orders: () =>
    (require("../../services/orders/orders.service") as typeof import("../../services/orders/orders.service"))
      .ordersService,
  payments: () =>
    (require("../../services/payments/payments.service") as typeof import("../../services/payments/payments.service"))
      .paymentsService,
  mail: () =>
    (require("../../services/mail/mail.service") as typeof import("../../services/mail/mail.service")).mailService,
};

export interface Settings {
  /**
   * Settings as in the environment; nothing is taken from the real one. `DATA_DIR` of an earlier start continues with
   * its data.
   */
  env?: Readonly<Record<string, string>>;
  /** The clock of the services. */
  now?: () => Date;
  /** Where the services keep their data, instead of stores of their own under DATA_DIR. */
  openStore?: Runtime["openStore"];
  /** Those that are started with the same name find each other, as on one NATS server. */
  network?: string;
}

export interface Started {
  broker: ServiceBroker;
  /** Typed calls, as one service calls another; `token` acts for a user. */
  call: Bus["call"];
  dataDir: string;
  /** What the person who started the process would read. */
  notices: readonly string[];
  /** Every line logged so far. */
  logs: readonly string[];
  /** Stops the services; the data stay until the end of the test file. */
  stop(): Promise<void>;
}

const folders = new Set<string>();
const running = new Set<Started>();

afterAll(async () => {
  for (const started of running) await started.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

/** A new empty folder, removed at the end of the test file. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "jangteo-test-"));
  folders.add(folder);
  return folder;
};

/**
 * Starts the named services and resolves when they can be called. What a test leaves running is stopped at the end of
 * its file.
 */
export const startServices = async (
  names: readonly ServiceName[],
  { env = {}, now = () => new Date(), openStore: open, network }: Settings = {},
): Promise<Started> => {
  const config = {
    ...readConfig({ DATA_DIR: temporaryFolder(), PORT: "0", SAMPLE_CATALOGUE: "no", ...env }),
    services: names,
  };
  const recorder = new Recorder();
  // Several brokers may live in one test process, where the process id alone would not tell them apart.
  const joined = network === undefined ? {} : { namespace: network, transporter: "Fake" as const };
  const broker = new ServiceBroker({
    ...brokerOptions(config),
    ...joined,
    logger: recorder,
    nodeID: `test-${randomUUID()}`,
    metadata: {},
  });
  const notices: string[] = [];
  const call: Bus["call"] = (name, params, options) => broker.call(name, params, toCallingOptions(options));
  const bus: Bus = { call, emit: (name, payload) => broker.broadcast(name, payload) };
  const runtime: Runtime = {
    config,
    bus,
    access: new AccessTokens(authorityOn(bus), now),
    now,
    newId: prefix => `${prefix}_${randomUUID().replaceAll("-", "")}`,
    openStore: open ?? (service => openStore(config, service)),
    notice: line => notices.push(line),
  };
  const started: Started = {
    broker,
    call,
    dataDir: config.dataDir,
    notices,
    logs: recorder.lines,
    async stop() {
      if (running.delete(started)) await broker.stop();
    },
  };
  running.add(started);
  try {
    for (const name of names) broker.createService(await factories[name]()(runtime));
    await broker.start();
  } catch (error) {
    await started.stop();
    throw error;
  }
  return started;
};

// Starts some of the services in the test's own process, on SQLite in a folder of its own.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import type { ServiceName } from "../../contracts/index";
import type { Bus } from "../../lib/moleculer/bus";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { brokerOptions, type Substitutes } from "../../moleculer.config";
import { fileOf } from "../../service-files";
import { Recorder } from "./recorder";

export interface Settings extends Pick<Substitutes, "now" | "openStore"> {
  /**
   * Settings as in the environment; nothing is taken from the real one. `DATA_DIR` of an earlier start continues with
   * its data.
   */
  env?: Readonly<Record<string, string>>;
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
  { env = {}, network, ...substitutes }: Settings = {},
): Promise<Started> => {
  // Several brokers may live in one test process, where the process id alone would not tell them apart.
  const nodeName = `test-${randomUUID()}`;
  const defaults = { DATA_DIR: temporaryFolder(), PORT: "0", SAMPLE_CATALOGUE: "no", NODE_NAME: nodeName };
  const settings = { ...defaults, ...env };
  const recorder = new Recorder();
  const options = brokerOptions(settings, substitutes);
  // There is no NATS to hold a name in, also where settings say where it would be.
  const middlewares = (options.middlewares ?? []).filter(
    middleware => typeof middleware !== "object" || middleware.name !== "HoldNodeName",
  );
  const joined = network === undefined ? {} : { namespace: network, transporter: "Fake" as const, middlewares };
  const broker = new ServiceBroker({
    ...options,
    ...joined,
    logger: recorder,
    nodeID: nodeName,
    metadata: {},
  });
  const { bus, notices } = runtimeOf(broker);
  const started: Started = {
    broker,
    call: bus.call,
    dataDir: settings.DATA_DIR,
    notices,
    logs: recorder.lines,
    async stop() {
      if (running.delete(started)) await broker.stop();
    },
  };
  running.add(started);
  try {
    for (const name of names) broker.loadService(fileOf(name));
    await broker.start();
  } catch (error) {
    await started.stop();
    throw error;
  }
  return started;
};

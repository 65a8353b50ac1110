// The one place where a process is put together: the broker's options, and what its services are given. For every way
// to run the shop, Moleculer's own runner included.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { BrokerOptions, ServiceBroker } from "moleculer";
import { SERVICE_NAMES } from "./contracts/index";
import { type Authority, AccessTokens } from "./lib/access/access-tokens";
import { type Env, readEnvironment, readSettings } from "./lib/env";
import { StartupError } from "./lib/errors";
import { type Bus, toCallingOptions } from "./lib/moleculer/bus";
import { Discovery, HEARTBEAT } from "./lib/moleculer/heartbeats";
import { boundMessages } from "./lib/moleculer/middlewares/bound-messages";
import { deadlines } from "./lib/moleculer/middlewares/deadlines";
import { drain } from "./lib/moleculer/middlewares/drain";
import { endLostCalls } from "./lib/moleculer/middlewares/end-lost-calls";
import { holdNodeName } from "./lib/moleculer/middlewares/hold-name";
import { nodeAt, replaceDeadNodes } from "./lib/moleculer/middlewares/replace-dead-nodes";
import { counting } from "./lib/moleculer/metrics";
import { natsOptions } from "./lib/moleculer/nats";
import { NatsTransporter } from "./lib/moleculer/nats-transporter";
import { attachRuntime, type Runtime, runtimeOf } from "./lib/moleculer/runtime";
import { PassingSerializer } from "./lib/moleculer/serializer";
import { nodeSettings } from "./lib/moleculer/settings";
import { ContractValidator } from "./lib/moleculer/validator";
import { openStore } from "./lib/store/open-store";

/** What a test, or whoever embeds the shop, may put in place of what a process usually has. */
export interface Substitutes extends Partial<Pick<Runtime, "now" | "openStore">> {
  /** Called when another process has taken this one's name, because this one hung or was cut off. */
  onReplaced?(why: StartupError): void;
}

const exit = (why: StartupError): never => {
  console.error(why.message);
  return process.exit(1);
};

/** Who signs the access tokens, and says which of them ended. */
const authorityOn = (bus: Bus): Authority => ({
  keys: () => bus.call("users.jwks", {}),
  endings: (after, limit) => bus.call("users.endings", after === undefined ? { limit } : { after, limit }),
  standing: async ({ id, session, version }) => (await bus.call("users.standing", { id, session, version })).role,
  feed: "users",
  roles: { customer: "by its token", admin: "confirmed" },
});

const runtimeFor = (broker: ServiceBroker, env: Env, { now, openStore: open }: Substitutes): Runtime => {
  const clock = now ?? (() => new Date());
  const bus: Bus = {
    call: (name, params, options) => broker.call(name, params, toCallingOptions(options)),
    emit: (name, payload) => broker.emit(name, payload),
  };
  return {
    bus,
    env,
    access: new AccessTokens(authorityOn(bus), clock),
    now: clock,
    newId: prefix => `${prefix}_${randomUUID().replaceAll("-", "")}`,
    openStore: open ?? (service => openStore(service, env)),
    notices: [],
    address: undefined,
  };
};

/**
 * Not after a timeout: who waited that long has no time left for another try. A dead node's calls are rejected sooner.
 */
const isWorthAnotherTry = (error: Error) =>
  "retryable" in error && error.retryable === true && !("type" in error && error.type === "REQUEST_TIMEOUT");

const settingsIn = (env: Env) => {
  const settings = readSettings(nodeSettings(SERVICE_NAMES), env);
  if (!settings.NATS_URL && settings.SERVICES.length < SERVICE_NAMES.length) {
    const wanted = `the nats:// address where SERVICES=${settings.SERVICES.join(",")} finds the other services`;
    throw new StartupError(`NATS_URL is not set: it must be ${wanted}.`);
  }
  return settings;
};

/** The services that a process with these settings hosts. @throws StartupError naming a setting that cannot be used */
export const servicesIn = (env: Env) => settingsIn(env).SERVICES;

/**
 * Broker options for one process of the system. Reads nothing but what it is given.
 * @throws StartupError naming a setting that cannot be used
 */
export const brokerOptions = (env: Env, substitutes: Substitutes = {}): BrokerOptions => {
  const settings = settingsIn(env);
  const { NATS_URL: servers, SERVICES: services, LOG_LEVEL: logLevel } = settings;
  const [first = ""] = services;
  const ownName = `${services.length === 1 ? first : "shop"}-${hostname().replaceAll(".", "-")}-${process.pid}`;
  const node = nodeAt(settings.NODE_NAME ?? ownName, Date.now());
  return {
    namespace: "jangteo",
    ...node,
    created: broker => attachRuntime(broker, runtimeFor(broker, env, substitutes)),
    logger: { type: "Console", options: { formatter: "short", autoPadding: false } },
    // A call to a service that is not there is rejected, which its caller logs: the broker need not say it as well.
    logLevel: {
      BROKER: "error",
      $NODE: "warn",
      REGISTRY: "warn",
      DISCOVERY: "warn",
      TRANSIT: "warn",
      TRANSPORTER: "warn",
      API: "warn",
      "**": logLevel,
    },
    ...(servers ? { transporter: new NatsTransporter(natsOptions(servers)) } : {}),
    serializer: new PassingSerializer(),
    validator: new ContractValidator({}),
    requestTimeout: settings.REQUEST_TIMEOUT_MS,
    retryPolicy: { enabled: false, retries: 0, delay: 50, maxDelay: 500, factor: 2, check: isWorthAnotherTry },
    // A service's own timeouts are shorter than this window; refusals (below 500) do not count.
    circuitBreaker: {
      enabled: true,
      threshold: 0.5,
      minRequestCount: 20,
      windowTime: 30,
      halfOpenTime: 2000,
      check: error => "code" in error && typeof error.code === "number" && error.code >= 500,
    },
    bulkhead: { enabled: true, concurrency: 100, maxQueueSize: 1000 },
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    heartbeatInterval: HEARTBEAT.interval,
    heartbeatTimeout: HEARTBEAT.timeout,
    registry: { discoverer: new Discovery() as never },
    middlewares: [
      ...(servers ? [holdNodeName(servers, node.metadata, substitutes.onReplaced ?? exit)] : []),
      replaceDeadNodes(),
      endLostCalls(),
      boundMessages(),
      deadlines(),
      counting(),
      drain(),
    ],
    // With the defaults of a second each, a gateway waits seconds for services that have been there all along.
    transit: { serviceChangedDebounceTime: 20 } as object,
    dependencyInterval: 50,
    internalServices: true,
    // Moleculer's own cost a local call 6 µs on top of 8 µs: `counting` answers $node.metrics for nearly nothing.
    metrics: false,
  };
};

/** For moleculer-runner. A function: whoever only imports this file reads nobody's settings. */
export default (): BrokerOptions => {
  const env = readEnvironment();
  // The runner looks for the services that SERVICES names in SERVICEDIR, and knows nothing of .env.
  if (env.SERVICES?.trim()) {
    process.env.SERVICES = env.SERVICES;
    process.env.SERVICEDIR ??= join(__dirname, "services");
  }
  // Nobody else would print what is said only once, such as the first admin's password.
  const started = (broker: ServiceBroker) => {
    const { notices, address } = runtimeOf(broker);
    for (const line of address === undefined ? notices : [`Jangteo is open at ${address}.`, ...notices])
      console.log(line);
  };
  return { ...brokerOptions(env), started };
};

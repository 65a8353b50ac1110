// The broker's options: transport, validation, and the resilience that every service gets without asking.
import { hostname } from "node:os";
import type { BrokerOptions } from "moleculer";
import { type Config, loadConfig } from "./lib/config";
import { deadlines } from "./lib/moleculer/middlewares/deadlines";
import { Discovery, HEARTBEAT } from "./lib/moleculer/heartbeats";
import { endLostCalls } from "./lib/moleculer/middlewares/end-lost-calls";
import { boundMessages } from "./lib/moleculer/middlewares/bound-messages";
import { counting } from "./lib/metrics";
import { natsOptions } from "./lib/moleculer/nats";
import { nodeAt, replaceDeadNodes } from "./lib/moleculer/middlewares/replace-dead-nodes";
import { ContractValidator } from "./lib/moleculer/validator";

/**
 * Not after a timeout: who waited that long has no time left for another try. A dead node's calls are rejected sooner.
 */
const isWorthAnotherTry = (error: Error) =>
  "retryable" in error && error.retryable === true && !("type" in error && error.type === "REQUEST_TIMEOUT");

/** Broker options for one process of the system. */
export const brokerOptions = (config: Config): BrokerOptions => ({
  namespace: "jangteo",
  ...nodeAt(
    config.nodeName ??
      `${config.services.length === 1 ? config.services[0] : "shop"}-${hostname().replaceAll(".", "-")}-${process.pid}`,
    Date.now(),
  ),
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
    "**": config.logLevel,
  },
  ...(config.nats ? { transporter: { type: "NATS", options: natsOptions(config.nats) } } : {}),
  validator: new ContractValidator({}),
  requestTimeout: config.requestTimeout,
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
  middlewares: [replaceDeadNodes(), endLostCalls(), boundMessages(), deadlines(), counting()],
  // With the defaults of a second each, a gateway waits seconds for services that have been there all along.
  transit: { serviceChangedDebounceTime: 20 } as object,
  dependencyInterval: 50,
  internalServices: true,
  // Moleculer's own cost a local call 6 µs on top of 8 µs: `counting` answers $node.metrics for nearly nothing.
  metrics: false,
});

/** For moleculer-runner. A function: whoever only imports this file reads nobody's settings. */
export default (): BrokerOptions => brokerOptions(loadConfig());

// The broker as the REPL's commands see it: calls as the user who is signed in, and the metrics of all nodes.
import { Errors, ServiceBroker } from "moleculer";
import { isRefusalCode, refusals } from "../../contracts/refusals";
import { filtered, type Metric, type MetricFilter, merged } from "../../lib/moleculer/tally";
import type { ReplSession } from "./session";

/** Milliseconds that a node has to tell its metrics. */
const PATIENCE = 2000;

type Call = (action: string, params?: unknown, options?: { headers?: object }) => Promise<unknown>;

const isClientError = (error: unknown): error is Errors.MoleculerError =>
  error instanceof Error && "type" in error && isRefusalCode(error.type);

/** What the shop says instead of its code. A refusal is an answer and no fault: there is no stack to look at. */
export const inWords = (error: unknown): unknown => {
  if (!isClientError(error)) return error;
  const { code, type, data } = error;
  const told = new Errors.MoleculerError(
    isRefusalCode(type) ? `${refusals[type].en} (${type})` : type,
    code,
    type,
    data,
  );
  // What moleculer-repl prints of an error is its stack alone.
  told.stack = told.message;
  return told;
};

/** Calls with the user's token. The services' own calls in this process do not go through here. */
const callingAs =
  (session: ReplSession, call: Call): Call =>
  async (action, params, options = {}) => {
    const token = await session.token();
    const headers = { ...(token === undefined ? {} : { token }), ...options.headers };
    try {
      return await call(action, params, { ...options, headers });
    } catch (error) {
      if (token !== undefined && isClientError(error) && error.type === "UNAUTHENTICATED") session.ended(token);
      throw inWords(error);
    }
  };

/** What all nodes tell, guests with metrics included; who does not answer in time is left out. */
export const gatherMetrics = async (broker: ServiceBroker): Promise<Metric[]> => {
  const nodes = (broker.registry.getNodeList({ onlyAvailable: true }) as { id: string }[]).map(({ id }) => id).sort();
  const ask = async (nodeID: string) =>
    broker.call<Metric[], object>("$node.metrics", {}, { nodeID, timeout: PATIENCE }).catch(() => []);
  return merged(Object.fromEntries(await Promise.all(nodes.map(async id => [id, await ask(id)] as const))));
};

export interface ReplBroker {
  broker: ServiceBroker;
  /** Asks all nodes for what the command `metrics` is to show next: it does not wait for anybody. */
  refreshMetrics(): Promise<void>;
}

/** @param stop what `exit` does instead of stopping the broker at once */
export const replBroker = (real: ServiceBroker, session: ReplSession, stop: () => Promise<void>): ReplBroker => {
  let latest: Metric[] = [];
  const own: Readonly<Record<string, unknown>> = {
    call: callingAs(session, real.call.bind(real) as Call),
    stop,
    isMetricsEnabled: () => true,
    metrics: { list: (filter: MetricFilter = {}) => filtered(latest, filter) },
  };
  const broker = new Proxy(real, {
    get(target, key) {
      if (typeof key === "string" && Object.hasOwn(own, key)) return own[key];
      const value: unknown = Reflect.get(target, key);
      // `repl` passes on the broker that it is called on: this one. All others work on the real one.
      const isMethod =
        typeof value === "function" && key in ServiceBroker.prototype && key !== "constructor" && key !== "repl";
      return isMethod ? (value.bind(target) as unknown) : value;
    },
  });
  return { broker, refreshMetrics: async () => void (latest = await gatherMetrics(real)) };
};

// Brokers with a clock of their own, and a service that takes its time: for tests of deadlines.
import { setTimeout } from "node:timers/promises";
import { type Context, ServiceBroker, type ServiceSchema } from "moleculer";
import { callerOf } from "../../lib/moleculer/middlewares/caller";
import { deadlines } from "../../lib/moleculer/middlewares/deadlines";
import { endLostCalls } from "../../lib/moleculer/middlewares/end-lost-calls";
import type { ServiceFactory } from "../../lib/moleculer/service";
import { brokerOptions } from "../../moleculer.config";
import { Recorder } from "./recorder";

const brokers: ServiceBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0).toReversed()) await broker.stop();
});

/** A broker as the system's, whose clock is ahead by `skew` milliseconds; a test may change that. */
export const start = async (
  nats: string | undefined,
  services: readonly (ServiceSchema | ServiceFactory)[] = [],
  skew = 0,
) => {
  const clock = { skew };
  const recorder = new Recorder();
  const options = brokerOptions(nats === undefined ? {} : { NATS_URL: nats });
  const middlewares = [
    endLostCalls(),
    deadlines({ now: () => performance.now() + clock.skew, day: () => Date.now() + clock.skew }),
  ];
  const nodeID = `test-${brokers.length}-${process.pid}`;
  const broker = new ServiceBroker({
    ...options,
    logger: recorder,
    nodeID,
    metadata: {},
    middlewares,
    metrics: { enabled: true, reporter: [] },
  });
  brokers.push(broker);
  for (const service of services) broker.createService(typeof service === "function" ? service(broker) : service);
  await broker.start();
  return { broker, clock, logs: recorder.lines };
};

/** How many calls of an action a broker has refused because nobody waited. */
export const late = (broker: ServiceBroker): number => {
  const values = broker.metrics.getMetric("jangteo.calls.late")?.snapshot() as unknown as { value: number }[];
  return values.reduce((sum, { value }) => sum + value, 0);
};

/** A service that takes its time, and tells what it did. */
export const worker = () => {
  const seen: { done: unknown[]; left: number[]; signals: AbortSignal[] } = { done: [], left: [], signals: [] };
  const work = async (ctx: Context<{ n?: number; take?: number }>) => {
    const caller = callerOf(ctx);
    seen.done.push(ctx.params.n);
    seen.left.push(caller.timeLeft());
    seen.signals.push(caller.signal);
    await setTimeout(ctx.params.take ?? 0);
    return ctx.params.n;
  };
  const service = {
    name: "worker",
    actions: {
      work,
      oneAtATime: { bulkhead: { enabled: true, concurrency: 1, maxQueueSize: 100 }, handler: work },
      brisk: { timeout: 300, handler: work },
      delegate: async (ctx: Context<{ action: string }>) => ctx.call(ctx.params.action, { n: 1 }),
      again: {
        retryPolicy: { enabled: true, retries: 5 },
        async handler(ctx: Context) {
          await work(ctx as Context<object>);
          await setTimeout(100);
          throw Object.assign(new Error("Try again"), { retryable: true });
        },
      },
    },
  } as ServiceSchema;
  return { seen, service };
};

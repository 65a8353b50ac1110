// Whether the gateway can do its work: a real round trip to NATS, and to every service with its store.
import type { ServiceBroker } from "moleculer";
import { SERVICE_NAMES, services } from "../../contracts/index";
import { raceTimer } from "../../lib/race";
import { Refusal } from "../../lib/refusal";
import type { Logger } from "../../lib/logger";
import type { Bus } from "../../lib/moleculer/bus";
import { type Answer, json } from "./http/response";

/** Milliseconds that each probe may take. */
const LIMIT_MS = 1500;

const NEEDED = SERVICE_NAMES.filter(name => services[name].needed);

/** Says no more than that this process answers. */
export const live = async (): Promise<Answer> => json({ success: true, status: "live" });

/** Without them the shop sells on, and what they would have done waits. Whoever runs the shop has to know it. */
const USEFUL = SERVICE_NAMES.filter(name => !services[name].needed && "health" in services[name].actions);

const within = async <T>(work: Promise<T>): Promise<T> =>
  raceTimer(work, LIMIT_MS, () => {
    throw new Error("No answer in time");
  });

const canPing = (client: unknown): client is { rtt(): Promise<number> } =>
  typeof client === "object" && client !== null && "rtt" in client && typeof client.rtt === "function";

/** `transit.connected` stays true in an outage: only a round trip tells. */
const pingTransport = async ({ transit }: ServiceBroker): Promise<void> => {
  if (!transit) return;
  const { tx } = transit;
  const client: unknown = "client" in tx ? tx.client : undefined;
  if (!canPing(client)) throw new Error("The transporter has no connection");
  await client.rtt();
};

/** Asks, one question at a time, and remembers the answer for those who do not wait for it. */
const lookAfter = (name: string, ask: () => Promise<unknown>, { warn, info }: Pick<Logger, "warn" | "info">) => {
  let works: boolean | undefined;
  let hasWorked = false;
  let asking: Promise<void> | undefined;
  const learn = (now: boolean) => {
    // Where everything starts at once, it comes when it comes.
    if (works && !now)
      warn(`${name} does not answer, or its store does not. The shop sells on, and what ${name} does waits.`);
    if (hasWorked && !works && now) info(`${name} answers again.`);
    works = now;
    hasWorked ||= now;
    asking = undefined;
  };
  return {
    name,
    look: (): void =>
      void (asking ??= within(ask()).then(
        () => learn(true),
        () => learn(false),
      )),
    fails: (): boolean => works === false,
  };
};

/**
 * A function that says what is ready. Requests that come while one look is under way share it.
 * @throws Refusal SERVICE_UNAVAILABLE with the names of what is missing
 */
export const readiness = (bus: Bus, broker: ServiceBroker, logger: Logger): (() => Promise<Answer>) => {
  const health = (name: string) => bus.call(`${name as "users"}.health`, {}, { timeout: LIMIT_MS });
  const useful = USEFUL.map(name => lookAfter(name, () => health(name), logger));
  let looking: Promise<Answer> | undefined;
  const look = async (): Promise<Answer> => {
    const probes: readonly (readonly [string, Promise<unknown>])[] = [
      ["nats", pingTransport(broker)],
      ...NEEDED.map(name => [name, health(name)] as const),
    ];
    for (const one of useful) one.look();
    const results = await Promise.allSettled(probes.map(([, probe]) => within(probe)));
    const missing = probes.filter((_, index) => results[index]?.status === "rejected").map(([name]) => name);
    if (missing.length > 0) throw new Refusal("SERVICE_UNAVAILABLE", { missing });
    const degraded = useful.filter(one => one.fails()).map(({ name }) => name);
    return json({ success: true, status: "ready", ...(degraded.length > 0 ? { degraded } : {}) });
  };
  return () =>
    (looking ??= look().finally(() => {
      looking = undefined;
    }));
};

// Takes a service whose store does not answer out of rotation, so that calls go to its healthy instances, and puts it back afterwards.
import type { Service, ServiceBroker } from "moleculer";

/** Milliseconds between two looks at the store. */
export const LOOK_EVERY = 500;
/** Milliseconds without an answer: longer than a store's own failover or a hiccup (each call of those is refused by itself), shorter than anybody's patience. */
export const OUT_AFTER = 5000;

/** What to do, told by how the store answered: the rule. Times are milliseconds of a monotonic clock. */
export class Rotation {
  private failingSince: number | undefined;
  private out = false;

  constructor(private readonly outAfter = OUT_AFTER) {}

  /** @param asked when the store was asked; @returns what has to change now, if anything */
  answered(well: boolean, asked: number, now: number): "leave" | "return" | undefined {
    if (well) {
      this.failingSince = undefined;
      const back = this.out;
      this.out = false;
      return back ? "return" : undefined;
    }
    this.failingSince ??= asked;
    if (this.out || now - this.failingSince < this.outAfter) return undefined;
    this.out = true;
    return "leave";
  }
}

/** What Moleculer's registry does with the actions of a local service; its types leave this out. */
interface Registry {
  services: { get(fullName: string, nodeID: string): Item | undefined };
  actions: { removeByService(item: Item): void };
  nodes: { localNode: unknown };
  registerActions(node: unknown, item: Item, actions: unknown): void;
  localNodeInfoInvalidated: unknown;
}
interface Item {
  actions: Record<string, unknown>;
}

/** Takes the actions of a local service off the registry, here and on all nodes, or puts them back. Its events and followers go on. */
const announce = (broker: ServiceBroker, service: Service, offered: boolean): void => {
  const registry = broker.registry as unknown as Registry;
  const item = registry.services.get(service.fullName, broker.nodeID);
  if (!item) return;
  registry.actions.removeByService(item);
  item.actions = {};
  const { _serviceSpecification: specification } = service as unknown as { _serviceSpecification: { actions: unknown } };
  if (offered) registry.registerActions(registry.nodes.localNode, item, specification.actions);
  registry.localNodeInfoInvalidated = "seq";
  (broker as unknown as { servicesChanged(local: boolean): void }).servicesChanged(true);
};

interface Log {
  error(line: string): void;
  info(line: string): void;
}

/**
 * Milliseconds without a sign of life after which this process counts as having stood still (SIGSTOP, a machine that
 * slept): what was asked before that failed for its own reasons, and says nothing of the store.
 */
const STILL = 1000;

/** Looks after a started service until it is told to stop. */
export const keepInRotation = (service: Service, ping: () => Promise<void>, logger: Log, { every = LOOK_EVERY, outAfter = OUT_AFTER } = {}): (() => void) => {
  const rotation = new Rotation(outAfter);
  const { broker, name } = service;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let alive = performance.now();
  let stoodStill = false;
  const live = () => {
    const now = performance.now();
    if (now - alive > every + STILL) stoodStill = true;
    alive = now;
  };
  const beat = setInterval(live, every).unref();
  const look = async () => {
    live();
    stoodStill = false;
    const asked = performance.now();
    const reason = await ping().then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (stopped) return;
    live();
    const counts = reason === undefined || !stoodStill;
    const change = counts ? rotation.answered(reason === undefined, asked, performance.now()) : undefined;
    if (change) announce(broker, service, change === "return");
    if (change === "leave") logger.error(`The store of ${name} has not answered for ${outAfter / 1000} s (${reason}). This instance takes no calls until it does.`);
    if (change === "return") logger.info(`The store of ${name} answers again, and so does this instance.`);
    timer = setTimeout(() => void look(), every).unref();
  };
  timer = setTimeout(() => void look(), every).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
    clearInterval(beat);
  };
};

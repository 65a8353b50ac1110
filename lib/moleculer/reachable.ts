// Tells when a service that one depends on can be reached, without asking again and again for one that may never come.
import type { ServiceBroker } from "moleculer";

/** Moleculer's own news of its registry, here and on other nodes. */
const CHANGED = "$services.changed";

/** Its types ask for the node too. */
interface Registry {
  hasService(name: string): boolean;
}

/**
 * Calls `onReachable` for each service that is there now, and for each whenever it comes, or comes back.
 * @returns the function that ends it; the broker holds on to it until then
 */
export const whenReachable = <N extends string>(
  broker: ServiceBroker,
  names: Iterable<N>,
  onReachable: (name: N) => void,
): (() => void) => {
  const wanted = [...names];
  const registry = broker.registry as unknown as Registry;
  let there = new Set<N>();
  const look = () => {
    const before = there;
    there = new Set(wanted.filter(name => registry.hasService(name)));
    for (const name of there) if (!before.has(name)) onReachable(name);
  };
  broker.localBus.on(CHANGED, look);
  look();
  return () => void broker.localBus.off(CHANGED, look);
};

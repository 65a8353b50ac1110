// Tells when a service that one depends on can be reached, without asking again and again for one that may never come.
import type { ServiceBroker } from "moleculer";
import { CHANGED, isOffered } from "./registry";

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
  let there = new Set<N>();
  const look = () => {
    const before = there;
    there = new Set(wanted.filter(name => isOffered(broker, name)));
    for (const name of there) if (!before.has(name)) onReachable(name);
  };
  broker.localBus.on(CHANGED, look);
  look();
  return () => void broker.localBus.off(CHANGED, look);
};

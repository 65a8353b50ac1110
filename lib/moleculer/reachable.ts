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

/**
 * Calls `then` once: when all of these services can be reached, or when `patienceMs` are over.
 * @returns the function that ends the wait
 */
export const onceReachable = (
  broker: ServiceBroker,
  names: readonly string[],
  patienceMs: number,
  then: () => void,
): (() => void) => {
  const missing = new Set(names);
  let isOver = false;
  const end = () => {
    isOver = true;
    clearTimeout(timer);
    leave();
  };
  const done = () => {
    if (isOver) return;
    end();
    then();
  };
  const timer = setTimeout(done, patienceMs);
  const leave = whenReachable(broker, names, name => {
    missing.delete(name);
    // Not from within the call that begins to listen.
    if (missing.size === 0) queueMicrotask(done);
  });
  return end;
};

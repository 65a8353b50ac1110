// Several instances of a service over one database whose answers take their time, so that everything interleaves.
import { setTimeout } from "node:timers/promises";
import { EventStore, VersionConflict } from "../../lib/events/event-store";
import { KeyedLock } from "../../lib/events/keyed-lock";
import type { Store } from "../../lib/store/store";
import { aroundStore, openOnce } from "./around-store";
import { randomFrom } from "./random";

/** Milliseconds; some operations overtake others by far. */
const delays = [0, 0, 0, 1, 1, 2, 5];

/**
 * A store that any number of instances open at once, as processes do with one MongoDB; each operation waits before and
 * after, for times that follow from the seed. Closing it does nothing: it belongs to all of them.
 */
export const sharedStore = (store: Store, seed = 1): Store => {
  const random = randomFrom(seed);
  const pause = () => setTimeout<void>(delays[Math.floor(random() * delays.length)]);
  const slow = aroundStore(store, async (_, work) => {
    await pause();
    try {
      return await work();
    } finally {
      await pause();
    }
  });
  return openOnce(slow);
};

/** One shared store for each name that is asked for. */
export const sharedStores = (openEmpty: () => Promise<Store>, seed = 1): ((name: string) => Promise<Store>) => {
  const stores = new Map<string, Promise<Store>>();
  return name => {
    const store = stores.get(name) ?? openEmpty().then(opened => sharedStore(opened, seed + stores.size));
    stores.set(name, store);
    return store;
  };
};

/** From here on nobody in this process waits for anybody else. Correctness must not notice. */
export const withoutLocks = (): void => {
  jest.spyOn(KeyedLock.prototype, "run").mockImplementation((_keys, work) => work());
};

/**
 * From here on logs append wherever a stream stands by then, whatever version the decision was made on. Correctness
 * must notice.
 */
export const withoutVersionChecks = (): void => {
  const { append } = EventStore.prototype;
  jest.spyOn(EventStore.prototype, "append").mockImplementation(async function (
    this: EventStore<never>,
    appends,
    ...rest
  ) {
    for (;;) {
      const anywhere = appends.map(async one => ({
        stream: one.stream,
        events: one.events,
        expectedVersion: (await this.getEvents(one.stream)).length,
      }));
      try {
        return await append.call(this, await Promise.all(anywhere), ...rest);
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  });
};

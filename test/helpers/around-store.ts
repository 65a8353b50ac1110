// A store whose every operation a test has in its hands: to count it, to delay it, to lose its answer.
import type { Store } from "../../lib/store/store";

export interface Operation {
  /** A collection's name, or "log". */
  on: string;
  method: string;
  args: readonly unknown[];
}

/** Does an operation, or something else instead. */
export type Around = (operation: Operation, work: () => Promise<unknown>) => Promise<unknown>;

const wrapped = <T extends object>(on: string, target: T, around: Around): T =>
  new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]) =>
        around({ on, method: String(property), args }, async () => Reflect.apply(value, target, args) as unknown);
    },
  });

/** The same store; all that is asked of its collections and its log goes through `around`. */
export const aroundStore = (store: Store, around: Around): Store => ({
  collection: async (name, shape) => wrapped(name, await store.collection(name, shape), around),
  log: async () => wrapped("log", await store.log(), around),
  drop: name => store.drop(name),
  ping: () => store.ping(),
  close: () => store.close(),
});

/** A store that several open and each closes: what it opened is common to them, and it stays open. */
export const openOnce = (store: Store): Store => {
  const opened = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, open: () => Promise<T>): Promise<T> => {
    const known = opened.get(name) ?? open();
    opened.set(name, known);
    return known as Promise<T>;
  };
  return {
    collection: (name, shape) => once(`collection ${name}`, () => store.collection(name, shape)),
    log: () => once("log", () => store.log()),
    drop: name => store.drop(name),
    ping: () => store.ping(),
    close: async () => {},
  };
};

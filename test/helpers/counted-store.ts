// A store that writes down every operation on it, for tests of how much work something is.
import type { Collection, Document, Index, Store } from "../../lib/store/store";

export interface Operation {
  collection: string;
  method: keyof Collection<Document>;
  /** What was asked for or written, as JSON. */
  about: string;
}

const methods = ["get", "findOne", "find", "count", "insert", "update", "remove"] as const;

const counted = <D extends Document>(name: string, collection: Collection<D>, seen: Operation[]): Collection<D> => {
  const noting = methods.map(method => [
    method,
    (...args: unknown[]) => {
      seen.push({ collection: name, method, about: JSON.stringify(args) });
      return (collection[method] as (...given: unknown[]) => unknown).apply(collection, args);
    },
  ]);
  return Object.fromEntries(noting) as Collection<D>;
};

/** @param seen where the operations are written down, in their order */
export const countedStore = (store: Store, seen: Operation[]): Store => ({
  collection: async <D extends Document>(name: string, indexes?: readonly Index[]) =>
    counted(name, await store.collection<D>(name, indexes), seen),
  ping: () => store.ping(),
  close: () => store.close(),
});

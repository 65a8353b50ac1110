// A store that counts what is asked of it: what a command costs is part of what it promises.
import type { Collection, Document, Index, Store } from "../../lib/store/store";

export interface Cost {
  /** Questions to the database, whatever they find. */
  reads: number;
  /** Inserts, updates and removals, also those that hit nothing. */
  writes: number;
}

/** The same store, and the cost of some work on it. Nothing else may use the store meanwhile. */
export const countingStore = (store: Store) => {
  let cost: Cost = { reads: 0, writes: 0 };
  const read = <T>(answer: T): T => {
    cost.reads += 1;
    return answer;
  };
  const write = <T>(answer: T): T => {
    cost.writes += 1;
    return answer;
  };
  const counted: Store = {
    async collection<D extends Document>(name: string, indexes?: readonly Index[]): Promise<Collection<D>> {
      const collection = await store.collection<D>(name, indexes);
      return {
        get: id => read(collection.get(id)),
        findOne: query => read(collection.findOne(query)),
        find: selection => read(collection.find(selection)),
        count: query => read(collection.count(query)),
        insert: document => write(collection.insert(document)),
        update: (query, change) => write(collection.update(query, change)),
        remove: id => write(collection.remove(id)),
      };
    },
    ping: () => store.ping(),
    close: () => store.close(),
  };
  const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
    cost = { reads: 0, writes: 0 };
    await work();
    return cost;
  };
  return { store: counted, costOf };
};

// An embedded store in a temporary folder, closed and removed at the end of the test file.
import { join } from "node:path";
import type { Collection, Document, Index, Store } from "../../lib/store/store";
import { openSqliteStore } from "../../lib/store/sqlite/sqlite-store";
import { temporaryFolder } from "./broker";

const opened = new Set<Store>();

afterAll(async () => {
  await Promise.all([...opened].map(store => store.close()));
});

/** Opens an empty store, or the one in `folder`. */
export const temporaryStore = async (folder = join(temporaryFolder(), "store")): Promise<Store> => {
  const store = await openSqliteStore(folder, { timeoutMs: 2000, synchronous: "normal" });
  opened.add(store);
  return store;
};

/** Closes a store before the end, as a process does when it stops. */
export const closeStore = async (store: Store): Promise<void> => {
  opened.delete(store);
  await store.close();
};

/** A store that a test and a service may have open at the same time; it is closed at the end of the test file. */
export const shared = (store: Store): Store => {
  const collections = new Map<string, Promise<unknown>>();
  return {
    collection: <D extends Document>(name: string, indexes?: readonly Index[]) => {
      const collection = collections.get(name) ?? store.collection<D>(name, indexes);
      collections.set(name, collection);
      return collection as Promise<Collection<D>>;
    },
    ping: () => store.ping(),
    close: async () => {},
  };
};

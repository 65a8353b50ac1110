// An embedded store in a temporary folder, closed and removed at the end of the test file.
import { join } from "node:path";
import type { Store } from "../../lib/store/store";
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
export const shared = (store: Store): Store => ({
  collection: (name, shape) => store.collection(name, shape),
  log: () => store.log(),
  drop: name => store.drop(name),
  ping: () => store.ping(),
  close: async () => {},
});

// A store that counts what is asked of its log: what a command costs is part of what it promises.
import type { Store } from "../../lib/store/store";
import { aroundStore } from "./around-store";

export interface Cost {
  /** Streams that were read. */
  reads: number;
  /** Looks at how far a stream has come. */
  looks: number;
  appends: number;
}

/** The same store, and the cost of some work on it. Nothing else may use the store meanwhile. */
export const countingStore = (store: Store) => {
  let methods: string[] = [];
  const counted = aroundStore(store, ({ on, method }, work) => {
    if (on === "log") methods.push(method);
    return work();
  });
  const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
    const during: string[] = (methods = []);
    await work();
    const appends = during.filter(method => method === "append").length;
    const reads = during.filter(method => method === "stream" || method === "read").length;
    return { reads, looks: during.length - reads - appends, appends };
  };
  return { store: counted, costOf };
};

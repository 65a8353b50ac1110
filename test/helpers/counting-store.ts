// A store that counts what is asked of it: what a command costs is part of what it promises.
import type { Store } from "../../lib/store/store";
import { aroundStore } from "./around-store";

export interface Cost {
  /** Of the log: streams that were read, and looks at how far one has come. */
  reads: number;
  looks: number;
  appends: number;
  /** Of collections: questions, whatever they find. */
  questions: number;
  /** Of collections: inserts, updates and removals, also those that hit nothing. */
  writes: number;
}

const kindOf = (on: string, method: string): keyof Cost => {
  if (on !== "log") return ["get", "find", "findOne", "count", "search"].includes(method) ? "questions" : "writes";
  if (method === "append") return "appends";
  return method === "stream" || method === "read" ? "reads" : "looks";
};

/** The same store, and the cost of some work on it. Nothing else may use the store meanwhile. */
export const countingStore = (store: Store) => {
  const none: Cost = { reads: 0, looks: 0, appends: 0, questions: 0, writes: 0 };
  let cost = none;
  const counted = aroundStore(store, ({ on, method }, work) => {
    cost[kindOf(on, method)] += 1;
    return work();
  });
  const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
    const before = (cost = { ...none });
    await work();
    return before;
  };
  return { store: counted, costOf };
};

// Documents that were written last, kept in memory for a collection that nobody else writes: they need not be read
// back.
import type { Collection, Selection, Versioned } from "../store/store";

/** Documents that are kept of each collection. */
const KEPT = 50_000;

/** What is asked and written while a batch is brought in. */
export type Target<D extends Versioned> = Pick<Collection<D>, "find" | "putNewer">;

const idsIn = ({ query }: Selection): readonly string[] =>
  (query?._id as { readonly $in?: readonly string[] } | undefined)?.$in ?? [];

/** The same collection, for finding by ids and writing: for one that only this process writes. */
export const keepingDocuments = <D extends Versioned>(collection: Target<D>): Target<D> => {
  const kept = new Map<string, D>();
  return {
    async find(selection = {}) {
      const ids = idsIn(selection);
      const known = ids.flatMap(id => kept.get(id) ?? []);
      const others = ids.filter(id => !kept.has(id));
      return others.length === 0 ? known : [...known, ...(await collection.find({ query: { _id: { $in: others } } }))];
    },
    async putNewer(documents) {
      await collection.putNewer(documents);
      for (const one of documents) {
        kept.delete(one._id);
        kept.set(one._id, one);
      }
      for (const id of kept.keys()) {
        if (kept.size <= KEPT) return;
        kept.delete(id);
      }
    },
  };
};

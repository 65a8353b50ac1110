// Documents for the scenarios of a store, and the collection of each of them.
import type { Collection, Store } from "../../lib/store/store";

export interface Item {
  _id: string;
  name: string;
  pieces: number;
  tags?: string[];
  size?: { width: number; height?: number };
}

export const item = (_id: string, more: Partial<Item> = {}): Item => ({ _id, name: _id, pieces: 0, ...more });

export const idsOf = (found: readonly { _id: string }[]) => found.map(({ _id }) => _id);

/** The store that a scenario runs on, as it is then. */
export interface Scene {
  readonly store: Store;
  /** A fresh collection: names are unique, pieces are indexed. */
  readonly items: Collection<Item>;
  /** A name for another collection that nobody else has. */
  own(name: string): string;
}

export const insertAll = async (items: Collection<Item>, ...documents: Item[]) => {
  for (const document of documents) await items.insert(document);
};

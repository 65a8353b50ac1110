// Documents for the scenarios of a store, and the collection of each of them.
import type { Collection, Index, Store } from "../../lib/store/store";

export interface Item {
  _id: string;
  name: string;
  pieces: number;
  tags?: string[];
  size?: { width: number; height?: number };
  category?: string;
}

/** What the collection of items is found by. */
export const ITEM_INDEXES: readonly Index[] = [
  { fields: ["name"], unique: true },
  { fields: ["pieces", "_id"] },
  { fields: ["category", "-pieces", "-_id"] },
  { fields: ["tags"], multikey: true },
];

export const item = (_id: string, more: Partial<Item> = {}): Item => ({ _id, name: _id, pieces: 0, ...more });

export const idsOf = (found: readonly { _id: string }[]) => found.map(({ _id }) => _id);

/** The store that a scenario runs on, as it is then. */
export interface Scene {
  readonly store: Store;
  /** A fresh collection with ITEM_INDEXES. */
  readonly items: Collection<Item>;
  /** A name for another collection that nobody else has. */
  own(name: string): string;
  /** Closes the store and opens another one over the same database. */
  reopen(): Promise<void>;
}

export const insertAll = async (items: Collection<Item>, ...documents: Item[]) => {
  for (const document of documents) await items.insert(document);
};

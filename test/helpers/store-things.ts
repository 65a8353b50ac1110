// Documents that are searched for, and the collection of them.
import type { Collection, Query } from "../../lib/store/store";
import { idsOf, type Scene } from "./store-items";

export interface Thing {
  _id: string;
  version: number;
  name: string;
  category: string;
  notes?: string;
  price?: number;
}

export const thing = (_id: string, name: string, more: Partial<Thing> = {}): Thing => ({
  _id,
  version: 1,
  name,
  category: "",
  ...more,
});

export const FIELDS = ["name", "category", "notes"];
const INDEXES = [{ fields: ["price"] as const }];

/** The scene's collection of things, with a text index over these fields, if any. */
export const openThings = (scene: Scene, fields?: readonly string[]): Promise<Collection<Thing>> =>
  scene.store.collection<Thing>(scene.own("things"), { indexes: INDEXES, ...(fields ? { text: { fields } } : {}) });

/** The ids of what is found, the first ten. */
export const foundIn = async (things: Collection<Thing>, text: string, query: Query = {}): Promise<string[]> =>
  idsOf(await things.search({ text, limit: 10, query }));

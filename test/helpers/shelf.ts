// A read model of things on shelves, and a history of them at random: for tests of catching up.
import { Type } from "@sinclair/typebox";
import { type EventOf, object } from "../../lib/contract";
import { type Counts } from "../../lib/events/counters";
import { EventStore, type RecordedOf } from "../../lib/events/event-store";
import type { Projection } from "../../lib/events/projection";
import { ReadModel } from "../../lib/events/read-model";
import type { Store, Versioned } from "../../lib/store/store";

export const schemas = { Put: object({ shelf: Type.String() }), Taken: object({}), Noted: object({}) };
export type Schemas = typeof schemas;
type Event = RecordedOf<Schemas>;

export interface Thing {
  id: string;
  version: number;
  /** Null: it was taken. */
  shelf: string | null;
}
export interface Entry extends Versioned {
  thing: Thing;
}

export const things: Projection<Schemas, Thing | null, Entry> = {
  name: "things",
  shape: {},
  initial: null,
  isShown: ({ type }) => type !== "Noted",
  evolve: (_thing, { type, data, aggregateId: id, version }) => ({
    id,
    version,
    shelf: type === "Put" && "shelf" in data ? data.shelf : null,
  }),
  entryOf: thing => {
    if (!thing) throw new Error("Nothing is there to be shown.");
    return { _id: thing.id, version: thing.version, thing };
  },
  stateOf: ({ thing }) => thing,
  countedIn: thing => (thing?.shelf ? [{ group: "all", key: thing.shelf }] : []),
};

/** Writes a history of `commits` commits, which is the same one for the same seed. */
export const writeHistory = async (log: EventStore<Schemas>, commits: number, random: () => number) => {
  const below = (limit: number) => Math.floor(random() * limit);
  const happening = (): EventOf<Schemas> =>
    below(4) === 0 ? { type: "Taken", data: {} } : { type: "Put", data: { shelf: "abc"[below(3)] ?? "a" } };
  for (let index = 0; index < commits; index += 1) {
    const streams = new Set(Array.from({ length: 1 + below(3) }, () => `thing-${below(12)}`));
    const kind = { initial: 0, evolve: (_: number, event: Event) => event.version };
    const appends = [...streams].map(async stream => {
      const loaded = await log.load(kind, stream);
      return loaded.append(below(10) === 0 && loaded.version > 0 ? [happening(), happening()] : [happening()]);
    });
    await log.append(await Promise.all(appends));
  }
};

/** What the model has to show, by the log alone. */
export const byTheLog = async (log: EventStore<Schemas>) => {
  const all = new Map<string, Thing>();
  for (const { events } of await log.read(0, 10_000))
    for (const event of events)
      if (things.isShown(event)) all.set(event.aggregateId, things.evolve(null, event) as Thing);
  const shelves = [...all.values()].flatMap(({ shelf }) => shelf ?? []);
  return {
    things: [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    counts: Object.fromEntries(["a", "b", "c"].map(shelf => [shelf, shelves.filter(one => one === shelf).length])),
  };
};

const countsIn = (group: Counts | null) => ({ a: 0, b: 0, c: 0, ...group?.counts });

/** What the model shows to a reader. */
export const shownBy = (model: ReadModel<Schemas, Thing | null, Entry>) =>
  model.read(async ({ entries, counts }) => ({
    things: (await entries.find({ sort: ["_id"] })).map(({ thing }) => thing),
    counts: countsIn(await counts.get("all")),
  }));

/** One instance of the service whose model it is. */
export const openInstance = async (store: Store) => ({
  log: await EventStore.open<Schemas>(store, () => new Date("2026-01-01T00:00:00Z")),
  model: await ReadModel.open(store, things),
});

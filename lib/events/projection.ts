// What a read model is made of, and how a batch of commits is brought into it: as often as one likes, by any process.
import type { EventSchemas } from "../contract";
import type { Collection, Shape, Versioned } from "../store/store";
import type { Log, Placed } from "../store/log";
import { type Counted, type Counts, countOn, groupsOf, type Step } from "./counters";
import type { RecordedOf } from "./event-store";
import type { Target } from "./kept-documents";

/** How a log becomes a read model: an entry for each aggregate that is shown, and counts. Pure. */
export interface Projection<S extends EventSchemas, T, D extends Versioned> {
  /** Entries of another form are another model: it gets another name, and is made at the next start. */
  readonly name: string;
  /** The indexes for all that is asked of the entries. */
  readonly shape: Shape;
  /** The state of an aggregate before its first event. */
  readonly initial: T;
  /** Whether an event is about what is shown here. The entry has the id of the event's stream. */
  isShown(event: RecordedOf<S>): boolean;
  evolve(state: T, event: RecordedOf<S>): T;
  /** The entry that shows a state, at the version of its last event. */
  entryOf(state: T): D;
  stateOf(entry: D): T;
  /** Where an aggregate counts. */
  countedIn?(state: T): readonly Counted[];
  /** Fields that others change, and that begin anew with each version: they do not follow from the log. */
  readonly volatile?: readonly string[];
}

type Untyped = Projection<EventSchemas, unknown, Versioned>;
/** Projections whose types are no longer known. */
export type AnyProjection = Pick<Untyped, keyof Untyped>;

/** Where a projection puts what it makes. */
export interface Shown<D extends Versioned> {
  readonly entries: Collection<D>;
  readonly counts: Collection<Counts>;
}

/** The states of aggregates before the first events that a batch has of them. */
const statesBefore = async <S extends EventSchemas, T, D extends Versioned>(
  { initial, evolve, stateOf }: Projection<S, T, D>,
  entries: Pick<Collection<D>, "find">,
  log: Pick<Log, "stream">,
  first: ReadonlyMap<string, number>,
): Promise<Map<string, T>> => {
  const begun = [...first].flatMap(([id, version]) => (version > 1 ? [id] : []));
  const found = begun.length > 0 ? await entries.find({ query: { _id: { $in: begun } } }) : [];
  const shown = new Map(found.map(entry => [entry._id, entry]));
  const states = [...first].map(async ([id, version]): Promise<[string, T]> => {
    const entry = shown.get(id);
    if (version === 1) return [id, initial];
    if (entry?.version === version - 1) return [id, stateOf(entry)];
    // Another process was here before, or an entry has gone: the log knows.
    const events = (await log.stream(id, 0)).flatMap(commit => commit.events as readonly RecordedOf<S>[]);
    const earlier = events.filter(event => event.aggregateId === id && event.version < version);
    return [id, earlier.reduce((state, event) => evolve(state, event), initial)];
  });
  return new Map(await Promise.all(states));
};

/**
 * Brings commits into a read model that has all that came before them. A batch that was cut short, or that another
 * process is at too, is brought in again: counts and entries know how far they have come.
 * @param commits in the order of the log, without gaps
 */
export const applyBatch = async <S extends EventSchemas, T, D extends Versioned>(
  projection: Projection<S, T, D>,
  { entries, counts }: { readonly entries: Target<D>; readonly counts: Target<Counts> },
  log: Pick<Log, "stream">,
  commits: readonly Placed[],
): Promise<void> => {
  const events = commits.flatMap(({ position, events: list }) =>
    (list as readonly RecordedOf<S>[]).filter(one => projection.isShown(one)).map(event => ({ position, event })),
  );
  const first = new Map<string, number>();
  for (const { event } of events) if (!first.has(event.aggregateId)) first.set(event.aggregateId, event.version);
  const states = await statesBefore(projection, entries, log, first);
  const steps: Step[] = [];
  for (const { position, event } of events) {
    const before = states.get(event.aggregateId) as T;
    const after = projection.evolve(before, event);
    states.set(event.aggregateId, after);
    if (projection.countedIn)
      steps.push({ position, before: projection.countedIn(before), after: projection.countedIn(after) });
  }
  const groups = groupsOf(steps);
  const known = groups.length > 0 ? await counts.find({ query: { _id: { $in: groups } } }) : [];
  const counted = countOn(known, steps);
  await Promise.all([
    counted.length > 0 ? counts.putNewer(counted) : undefined,
    states.size > 0 ? entries.putNewer([...states.values()].map(state => projection.entryOf(state))) : undefined,
  ]);
};

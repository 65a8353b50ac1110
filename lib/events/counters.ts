// How many there are of what: a document of counts for each group, as the log makes them up to a position. Pure.
import type { Versioned } from "../store/store";

/** Where something counts: in which group, and under which key of it. */
export interface Counted {
  readonly group: string;
  readonly key: string;
}

/**
 * The counts of a group, which is its `_id`. `version` is the position of the last commit that has changed one. They
 * are what the log up to there makes of them, whoever has counted: written twice, or late, they do no harm.
 */
export interface Counts extends Versioned {
  readonly counts: Readonly<Record<string, number>>;
}

/** What one event of the commit at a position changes: where its aggregate counted before it, and where it does now. */
export interface Step {
  readonly position: number;
  readonly before: readonly Counted[];
  readonly after: readonly Counted[];
}

/** The groups that some steps are about. */
export const groupsOf = (steps: readonly Step[]): string[] => [
  ...new Set(steps.flatMap(({ before, after }) => [...before, ...after].map(({ group }) => group))),
];

const isIn = (list: readonly Counted[], { group, key }: Counted) =>
  list.some(one => one.group === group && one.key === key);

/**
 * The groups that some steps change, as they are afterwards. A group that has come to a position, perhaps by another
 * process, has counted the steps up to it: they are left out.
 * @param known the groups as they are kept, with each change up to the first step's position
 * @param steps by position, whole commits
 */
export const countOn = (known: readonly Counts[], steps: readonly Step[]): Counts[] => {
  const kept = new Map(known.map(one => [one._id, one]));
  const changed = new Map<string, { _id: string; version: number; counts: Record<string, number> }>();
  const add = (position: number, { group, key }: Counted, delta: number) => {
    const before = kept.get(group) ?? { version: 0, counts: {} };
    if (position <= before.version) return;
    const now = changed.get(group) ?? { _id: group, version: position, counts: { ...before.counts } };
    now.version = position;
    now.counts[key] = (now.counts[key] ?? 0) + delta;
    changed.set(group, now);
  };
  for (const { position, before, after } of steps) {
    for (const one of before) if (!isIn(after, one)) add(position, one, -1);
    for (const one of after) if (!isIn(before, one)) add(position, one, 1);
  }
  return [...changed.values()];
};

/** How many a group counts under a key, or under all of them. */
export const countIn = (group: Counts | null, key?: string): number =>
  Object.entries(group?.counts ?? {}).reduce(
    (sum, [name, count]) => (key === undefined || name === key ? sum + count : sum),
    0,
  );

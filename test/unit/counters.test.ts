// Counts are right however the log is cut into batches, whoever brings them in, and how often.
import { type Counts, countIn, countOn, groupsOf, type Step } from "../../lib/events/counters";

const at = (shelf: string, isIn = true) => [{ group: shelf, key: isIn ? "in" : "out" }];

/** A log of things that appear, move and vanish; two commits change nothing that counts. */
const log: readonly Step[] = [
  { position: 1, before: [], after: at("a") },
  { position: 2, before: [], after: at("a") },
  { position: 2, before: [], after: at("b") },
  { position: 3, before: at("a"), after: at("a") },
  { position: 4, before: at("a"), after: at("b", false) },
  { position: 6, before: at("b"), after: [] },
  { position: 7, before: [], after: at("a") },
  { position: 8, before: at("b", false), after: at("b") },
  { position: 8, before: at("b"), after: at("b", false) },
];
const between = (after: number, upTo: number) => log.filter(({ position }) => position > after && position <= upTo);

/** A collection of counts that keeps what is newer, as the store does. */
const collection = () => {
  const kept = new Map<string, Counts>();
  const putNewer = (documents: readonly Counts[]) => {
    for (const one of documents) if ((kept.get(one._id)?.version ?? 0) < one.version) kept.set(one._id, one);
  };
  const find = (steps: readonly Step[]) => groupsOf(steps).flatMap(group => kept.get(group) ?? []);
  const bring = (after: number, upTo: number) => {
    const steps = between(after, upTo);
    putNewer(countOn(find(steps), steps));
  };
  return { kept, putNewer, find, bring };
};

const RIGHT = [
  { _id: "a", version: 7, counts: { in: 2 } },
  { _id: "b", version: 8, counts: { in: 0, out: 1 } },
];
const sorted = ({ kept }: ReturnType<typeof collection>) => [...kept.values()].sort((x, y) => (x._id < y._id ? -1 : 1));

test.each([[[8]], [[1, 2, 3, 4, 5, 6, 7, 8]], [[4, 8]], [[3, 6, 8]], [[2, 7, 8]]])("batches that end at %j", ends => {
  const counts = collection();
  let from = 0;
  for (const end of ends) {
    counts.bring(from, end);
    from = end;
  }
  expect(sorted(counts)).toEqual(RIGHT);
});

test("a batch that comes again, also with other borders, counts nothing twice", () => {
  const counts = collection();
  counts.bring(0, 5);
  counts.bring(0, 5);
  counts.bring(0, 3);
  counts.bring(0, 7);
  counts.bring(3, 8);
  counts.bring(0, 8);
  expect(sorted(counts)).toEqual(RIGHT);
});

test("a batch that was cut short between two groups is brought to its end by the next one", () => {
  const counts = collection();
  const steps = between(0, 6);
  counts.putNewer(countOn(counts.find(steps), steps).filter(({ _id }) => _id === "a"));
  counts.bring(0, 4);
  counts.bring(4, 8);
  expect(sorted(counts)).toEqual(RIGHT);
});

test("two processes that read the same counts, and write them in any order, count once", () => {
  for (const [one, other] of [
    [3, 8],
    [8, 3],
    [8, 8],
  ] as const) {
    const counts = collection();
    counts.bring(0, 1);
    const [first, second] = [one, other].map(end => {
      const steps = between(1, end);
      return countOn(counts.find(steps), steps);
    });
    counts.putNewer(first ?? []);
    counts.putNewer(second ?? []);
    counts.bring(Math.min(one, other), 8);
    expect(sorted(counts)).toEqual(RIGHT);
  }
});

test("a count is asked for by its key, or over all of them", () => {
  const group = { _id: "b", version: 8, counts: { in: 2, out: 1 } };
  expect([countIn(group), countIn(group, "out"), countIn(group, "none"), countIn(null)]).toEqual([3, 1, 0, 0]);
});

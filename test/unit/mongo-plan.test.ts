// What MongoDB's answers to explain mean: the planner of either engine, looks at one id, ranges and whole indexes.
import { planIn } from "../../lib/store/mongo/mongo-plan";
import type { Selection } from "../../lib/store/store";

const bounds = (ranges: Record<string, string>) =>
  Object.fromEntries(Object.entries(ranges).map(([field, range]) => [field, [range]]));
const scanOf = (keyPattern: Record<string, number>, ranges: Record<string, string>) => ({
  stage: "IXSCAN",
  keyPattern,
  indexBounds: bounds(ranges),
});
const WHOLE = "[MinKey, MaxKey]";

const cases: [string, object, Selection, ReturnType<typeof planIn>][] = [
  [
    "a range of an index in its order",
    {
      stage: "LIMIT",
      inputStage: {
        stage: "FETCH",
        inputStage: scanOf({ category: 1, createdAt: -1 }, { category: '["a", "a"]', createdAt: "[MaxKey, MinKey]" }),
      },
    },
    { query: { category: "a" }, sort: ["-createdAt"], limit: 5 },
    { indexes: ["category,-createdAt"], scans: false, sorts: false },
  ],
  [
    "the newer engine",
    { queryPlan: { stage: "FETCH", inputStage: scanOf({ name: 1 }, { name: '["a", "a"]' }) }, slotBasedPlan: {} },
    { query: { name: "a" } },
    { indexes: ["name"], scans: false, sorts: false },
  ],
  ["one id", { stage: "IDHACK" }, { query: { _id: "a" } }, { indexes: ["_id"], scans: false, sorts: false }],
  [
    "one id, in a stage of its own",
    { stage: "EXPRESS_IXSCAN", keyPattern: "{ _id: 1 }" },
    { query: { _id: "a" } },
    { indexes: ["_id"], scans: false, sorts: false },
  ],
  [
    "a page from the beginning of an index",
    { stage: "LIMIT", inputStage: { stage: "FETCH", inputStage: scanOf({ createdAt: 1 }, { createdAt: WHOLE }) } },
    { sort: ["createdAt"], limit: 5 },
    { indexes: ["createdAt"], scans: false, sorts: false },
  ],
  [
    "a whole index to find some of it",
    { stage: "FETCH", filter: { size: { $eq: 1 } }, inputStage: scanOf({ createdAt: 1 }, { createdAt: WHOLE }) },
    { query: { size: 1 }, sort: ["createdAt"] },
    { indexes: ["createdAt"], scans: true, sorts: false },
  ],
  [
    "a whole collection to find some of it",
    { stage: "COLLSCAN", filter: { size: { $eq: 1 } } },
    { query: { size: 1 } },
    { indexes: [], scans: true, sorts: false },
  ],
  ["all there is", { stage: "COLLSCAN" }, {}, { indexes: [], scans: false, sorts: false }],
  [
    "the first ones of what has no order",
    { stage: "SORT", inputStage: { stage: "COLLSCAN" } },
    { sort: ["size"], limit: 5 },
    { indexes: [], scans: true, sorts: true },
  ],
  [
    "ranges that are merged in their order",
    {
      stage: "FETCH",
      inputStage: {
        stage: "SORT_MERGE",
        inputStages: [
          scanOf({ a: 1, n: 1 }, { a: "[1, 1]", n: WHOLE }),
          scanOf({ b: 1, n: 1 }, { b: "[1, 1]", n: WHOLE }),
        ],
      },
    },
    { query: { $or: [{ a: 1 }, { b: 1 }] }, sort: ["n"] },
    { indexes: ["a,n", "b,n"], scans: false, sorts: false },
  ],
];

test.each(cases)("MongoDB's plan is read: %s", (_, winningPlan, selection, plan) => {
  expect(planIn({ winningPlan }, selection)).toEqual(plan);
});

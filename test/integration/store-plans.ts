// What a store does to answer: the scenarios of explain. Stores differ in what they put in order, and agree on scans.
import { insertAll, item, type Scene } from "../helpers/store-items";

export const planScenarios = (scene: () => Scene): void => {
  test.each([
    ["by its id", { query: { _id: "a" } }],
    ["by ids", { query: { _id: { $in: ["a", "b"] } } }],
    ["by a unique field", { query: { name: "a" } }],
    ["by an item of an array", { query: { tags: "x" } }],
    ["a page", { query: { category: "x" }, sort: ["-pieces", "-_id"], limit: 2 }],
    ["the next page", { query: { category: "x" }, sort: ["-pieces", "-_id"], after: [3, "b"], limit: 2 }],
    ["a range", { query: { pieces: { $gte: 1, $lt: 3 } }, sort: ["pieces"], limit: 2 }],
  ])("a query that a declared index serves scans nothing: %s", async (_, selection) => {
    const { items } = scene();
    await insertAll(items, item("a", { category: "x", tags: ["x"] }), item("b", { category: "x" }), item("c"));
    const plan = await items.explain(selection);
    expect(plan).toMatchObject({ scans: false });
    expect(plan.indexes).not.toEqual([]);
  });

  test("a query that no index serves is a scan, and uses none", async () => {
    const { items } = scene();
    await insertAll(items, item("a"), item("b"));
    expect(await items.explain({ query: { "size.width": 3 } })).toMatchObject({ indexes: [], scans: true });
  });

  test("what no index has in order is sorted", async () => {
    const { items } = scene();
    await insertAll(items, item("a", { category: "x" }), item("b", { category: "x" }));
    expect(await items.explain({ query: { category: "x" }, sort: ["size.width"] })).toMatchObject({ sorts: true });
  });
};

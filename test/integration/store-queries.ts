// What a service may ask a store for: the scenarios of queries.
import { idsOf, insertAll, item, type Scene } from "../helpers/store-items";

export const queryScenarios = (scene: () => Scene): void => {
  const SELECTS =
    "queries select by equality, array element, nested field, comparison, $in, $ne, $exists, $or and $and";
  test(SELECTS, async () => {
    const { items } = scene();
    await insertAll(
      items,
      item("a", { pieces: 1, tags: ["red"] }),
      item("b", { pieces: 2, tags: ["red", "blue"], size: { width: 3 } }),
      item("c", { pieces: 3 }),
    );
    const select = async (query: object) => idsOf(await items.find({ query: { ...query }, sort: ["_id"] }));
    expect(await select({ pieces: 2 })).toEqual(["b"]);
    expect(await select({ tags: "red" })).toEqual(["a", "b"]);
    expect(await select({ "size.width": 3 })).toEqual(["b"]);
    expect(await select({ pieces: { $gte: 2 } })).toEqual(["b", "c"]);
    expect(await select({ pieces: { $gt: 1, $lt: 3 } })).toEqual(["b"]);
    expect(await select({ _id: { $in: ["a", "c", "x"] } })).toEqual(["a", "c"]);
    expect(await select({ tags: { $in: ["blue", "green"] } })).toEqual(["b"]);
    expect(await select({ _id: { $ne: "a" } })).toEqual(["b", "c"]);
    expect(await select({ tags: { $exists: false } })).toEqual(["c"]);
    expect(await select({ $or: [{ pieces: 1 }, { name: "c" }] })).toEqual(["a", "c"]);
    expect(await select({ $and: [{ tags: "red" }, { pieces: 2 }] })).toEqual(["b"]);
    expect(await items.findOne({ name: "c" })).toMatchObject({ _id: "c" });
    expect(await items.findOne({ name: "x" })).toBeNull();
  });

  test("a query with an undefined value is refused instead of matching anything", async () => {
    const { items } = scene();
    await items.insert(item("a"));
    await expect(items.find({ query: { tags: undefined } })).rejects.toThrow(TypeError);
    await expect(items.update({ $or: [{ name: undefined }] }, { $inc: { pieces: 1 } })).rejects.toThrow(TypeError);
    expect(await items.get("a")).toEqual(item("a"));
  });

  test("what JSON cannot hold is refused", async () => {
    const { store, own } = scene();
    const dated = await store.collection<{ _id: string; at: unknown }>(own("dated"));
    for (const at of [new Date(), Number.NaN, 1n, new Map()])
      await expect(dated.insert({ _id: "a", at })).rejects.toThrow(TypeError);
    expect(await dated.count()).toBe(0);
  });

  test("results are sorted, skipped and limited in that order, and counted", async () => {
    const { items } = scene();
    await insertAll(
      items,
      item("a", { pieces: 2 }),
      item("b", { pieces: 1 }),
      item("c", { pieces: 2 }),
      item("d", { pieces: 3 }),
    );
    expect(idsOf(await items.find({ sort: ["-pieces", "_id"] }))).toEqual(["d", "a", "c", "b"]);
    expect(idsOf(await items.find({ sort: ["pieces", "-_id"], offset: 1, limit: 2 }))).toEqual(["c", "a"]);
    expect(await items.find({ sort: ["_id"], offset: 9 })).toEqual([]);
    expect(await items.count()).toBe(4);
    expect(await items.count({ pieces: 2 })).toBe(2);
  });
};

// What a service may rely on, whichever store it has: the scenarios that store.test.ts runs against both.
import { type Collection, DuplicateKey, type Store, StoreUnavailable } from "../../lib/store/store";

interface Item {
  _id: string;
  name: string;
  pieces: number;
  tags?: string[];
  size?: { width: number; height?: number };
}

const item = (_id: string, more: Partial<Item> = {}): Item => ({ _id, name: _id, pieces: 0, ...more });

export interface Database {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/** The scenarios over an empty database that can be opened, closed and opened again. */
export const storeScenarios = (database: () => Database) => () => {
  let store: Store;
  let items: Collection<Item>;
  let names = 0;

  const openItems = () =>
    store.collection<Item>(`items${names}`, [{ field: "name", unique: true }, { field: "pieces" }]);

  beforeAll(async () => {
    store = await database().open();
  });
  beforeEach(async () => {
    names += 1;
    items = await openItems();
  });
  afterAll(async () => {
    await store?.close();
    await database().remove();
  });

  const idsOf = (found: readonly { _id: string }[]) => found.map(({ _id }) => _id);
  const insertAll = async (...documents: Item[]) => {
    for (const document of documents) await items.insert(document);
  };

  test("a document comes back as it was inserted, without what was undefined", async () => {
    await items.insert(item("a", { tags: ["x", "y"], size: { width: 2, height: undefined } }));
    expect(await items.get("a")).toStrictEqual({
      _id: "a",
      name: "a",
      pieces: 0,
      tags: ["x", "y"],
      size: { width: 2 },
    });
    expect(await items.get("b")).toBeNull();
  });

  test("an id that looks like an ObjectId stays a string, a number stays a number", async () => {
    await items.insert(item("0123456789abcdef01234567"));
    expect(await items.get("0123456789abcdef01234567")).toMatchObject({ _id: "0123456789abcdef01234567" });
    const log = await store.collection<{ _id: number }>(`log${names}`);
    for (const _id of [1, 2, 3, 10]) await log.insert({ _id });
    expect(await log.find({ query: { _id: { $gt: 1, $lte: 10 } }, sort: ["_id"] })).toEqual([
      { _id: 2 },
      { _id: 3 },
      { _id: 10 },
    ]);
  });

  test("changing a document that was read or inserted changes nothing in the store", async () => {
    const tags = ["x"];
    const inserted = item("a", { tags });
    await items.insert(inserted);
    tags.push("y");
    (await items.get("a"))?.tags?.push("z");
    const set = ["s"];
    await items.update({ _id: "a" }, { $set: { size: { width: 1 }, set } });
    set.push("t");
    expect(await items.get("a")).toEqual({ ...item("a"), tags: ["x"], size: { width: 1 }, set: ["s"] });
  });

  const SELECTS =
    "queries select by equality, array element, nested field, comparison, $in, $ne, $exists, $or and $and";
  test(SELECTS, async () => {
    await insertAll(
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
    await items.insert(item("a"));
    await expect(items.find({ query: { tags: undefined } })).rejects.toThrow(TypeError);
    await expect(items.update({ $or: [{ name: undefined }] }, { $inc: { pieces: 1 } })).rejects.toThrow(TypeError);
    expect(await items.get("a")).toEqual(item("a"));
  });

  test("what JSON cannot hold is refused", async () => {
    const dated = await store.collection<{ _id: string; at: unknown }>(`dated${names}`);
    for (const at of [new Date(), Number.NaN, 1n, new Map()])
      await expect(dated.insert({ _id: "a", at })).rejects.toThrow(TypeError);
    expect(await dated.count()).toBe(0);
  });

  test("results are sorted, skipped and limited in that order, and counted", async () => {
    await insertAll(
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

  test("an update changes the one document that matches and returns it, or null when none does", async () => {
    await insertAll(item("a", { pieces: 1, tags: ["x"] }), item("b", { pieces: 1 }));
    expect(
      await items.update(
        { _id: "a", pieces: 1 },
        { $inc: { pieces: -1 }, $push: { tags: "y" }, $set: { "size.width": 4 } },
      ),
    ).toEqual(item("a", { tags: ["x", "y"], size: { width: 4 } }));
    expect(await items.update({ _id: "a", pieces: 1 }, { $inc: { pieces: -1 } })).toBeNull();
    expect(await items.update({ _id: "a" }, { $unset: { size: true }, $addToSet: { tags: "x" } })).toEqual(
      item("a", { tags: ["x", "y"] }),
    );
    expect(await items.update({ _id: "a" }, { $pull: { tags: "x" } })).toEqual(item("a", { tags: ["y"] }));
    expect(await items.get("b")).toEqual(item("b", { pieces: 1 }));
    expect(await items.count()).toBe(2);
  });

  test("a document is removed once", async () => {
    await items.insert(item("a"));
    expect(await items.remove("a")).toBe(true);
    expect(await items.remove("a")).toBe(false);
    expect(await items.get("a")).toBeNull();
    await items.insert(item("a"));
  });

  test("a taken id is refused and the first document stays", async () => {
    await items.insert(item("a", { pieces: 1 }));
    await expect(items.insert(item("a", { name: "other" }))).rejects.toBeInstanceOf(DuplicateKey);
    expect(await items.find()).toEqual([item("a", { pieces: 1 })]);
    await items.insert(item("b", { name: "other" }));
  });

  test("a taken unique field is refused, on insert and on update", async () => {
    await insertAll(item("a"), item("b"));
    await expect(items.insert(item("c", { name: "a" }))).rejects.toBeInstanceOf(DuplicateKey);
    await expect(items.update({ _id: "b" }, { $set: { name: "a" }, $inc: { pieces: 1 } })).rejects.toBeInstanceOf(
      DuplicateKey,
    );
    expect(await items.find({ sort: ["_id"] })).toEqual([item("a"), item("b")]);
    await items.remove("a");
    await items.insert(item("c", { name: "a" }));
  });

  test("a taken element of a unique array is refused, and the other elements stay free", async () => {
    const log = await store.collection<{ _id: number; keys: string[] }>(`keys${names}`, [
      { field: "keys", unique: true },
    ]);
    await log.insert({ _id: 1, keys: ["a:1", "a:2"] });
    await expect(log.insert({ _id: 2, keys: ["b:1", "a:2"] })).rejects.toBeInstanceOf(DuplicateKey);
    await log.insert({ _id: 2, keys: ["b:1", "a:3"] });
    expect(await log.findOne({ keys: "a:3" })).toMatchObject({ _id: 2 });
    expect(await log.find({ query: { keys: { $in: ["a:1", "a:2"] } } })).toHaveLength(1);
  });

  test("of 20 buyers of 5 pieces exactly 5 get one", async () => {
    await items.insert(item("a", { pieces: 5 }));
    const buy = () => items.update({ _id: "a", pieces: { $gte: 1 } }, { $inc: { pieces: -1 } });
    const bought = await Promise.all(Array.from({ length: 20 }, buy));
    expect(bought.filter(document => document !== null)).toHaveLength(5);
    expect(await items.get("a")).toMatchObject({ pieces: 0 });
  });

  test("of 20 writers of one id exactly one wins", async () => {
    const write = (_: unknown, index: number) => items.insert(item("a", { name: `writer ${index}` }));
    const written = await Promise.allSettled(Array.from({ length: 20 }, write));
    const winner = written.findIndex(({ status }) => status === "fulfilled");
    expect(written.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(
      written.filter(result => result.status === "rejected" && result.reason instanceof DuplicateKey),
    ).toHaveLength(19);
    expect(await items.find()).toEqual([item("a", { name: `writer ${winner}` })]);
  });

  const REOPENED =
    "nothing is lost over close and reopen: documents, changes, removals, line separators in texts, indexes";
  test(REOPENED, async () => {
    const odd = "line\u2028paragraph\u2029next\u0085return\r\n\t\u0000\u{1F6D2}";
    await insertAll(item("a"), item("b", { name: odd }), item("c"));
    await items.update({ _id: "a" }, { $set: { pieces: 7 } });
    await items.remove("c");
    await store.close();
    store = await database().open();
    items = await openItems();
    expect(await items.find({ sort: ["_id"] })).toEqual([item("a", { pieces: 7 }), item("b", { name: odd })]);
    await expect(items.insert(item("d", { name: odd }))).rejects.toBeInstanceOf(DuplicateKey);
  });

  test("the store answers a ping; closed, it refuses everything, and closing it again does nothing", async () => {
    await expect(store.ping()).resolves.toBeUndefined();
    await store.close();
    await store.close();
    for (const call of [store.ping(), items.get("a"), items.insert(item("a"))])
      await expect(call).rejects.toThrow(new StoreUnavailable("The store is closed."));
  });
};

// What a service may rely on, whichever store it has: the scenarios that run against both.
import { type Collection, DuplicateKey, type Store, StoreUnavailable } from "../../lib/store/store";
import { insertAll, item, type Item, ITEM_INDEXES, type Scene } from "../helpers/store-items";
import { pageScenarios } from "./store-pages";
import { planScenarios } from "./store-plans";
import { queryScenarios } from "./store-queries";
import { readModelScenarios } from "./store-read-models";
import { searchScenarios } from "./store-search";
import { searchIndexScenarios } from "./store-search-index";
import { takenScenarios } from "./store-taken";

export interface Database {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/** The scenarios over an empty database that can be opened, closed and opened again. */
export const storeScenarios = (database: () => Database) => () => {
  let store: Store;
  let items: Collection<Item>;
  let names = 0;

  const openItems = () => store.collection<Item>(`items${names}`, { indexes: ITEM_INDEXES });

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

  const reopen = async () => {
    await store.close();
    store = await database().open();
  };
  const scene = (): Scene => ({ store, items, own: name => `${name}${names}`, reopen });

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

  test("an id that looks like an ObjectId, or a number, stays a string", async () => {
    for (const id of ["0123456789abcdef01234567", "12"]) {
      await items.insert(item(id));
      expect(await items.get(id)).toEqual(item(id));
    }
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

  queryScenarios(scene);
  pageScenarios(scene);
  planScenarios(scene);

  test("an update changes the one document that matches and returns it, or null when none does", async () => {
    await insertAll(items, item("a", { pieces: 1, tags: ["x"] }), item("b", { pieces: 1 }));
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

  takenScenarios(scene);
  readModelScenarios(scene);
  describe("and searches texts", () => {
    searchScenarios(scene);
    searchIndexScenarios(scene);
  });

  const REOPENED =
    "nothing is lost over close and reopen: documents, changes, removals, line separators in texts, indexes";
  test(REOPENED, async () => {
    const odd = "line\u2028paragraph\u2029next\u0085return\r\n\t\u0000\u{1F6D2}";
    await insertAll(items, item("a"), item("b", { name: odd }), item("c"));
    await items.update({ _id: "a" }, { $set: { pieces: 7 } });
    await items.remove("c");
    await reopen();
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

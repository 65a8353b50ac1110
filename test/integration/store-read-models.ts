// What a read model needs of a store: the scenarios of many documents at a time, newer ones over older ones.
import { DuplicateKey } from "../../lib/store/store";
import { idsOf, insertAll, item, type Scene } from "../helpers/store-items";

interface Entry {
  _id: string;
  version: number;
  text: string;
  email?: string;
}

const entry = (_id: string, version: number, more: Partial<Entry> = {}): Entry => ({
  _id,
  version,
  text: `${_id} at ${version}`,
  ...more,
});

export const readModelScenarios = (scene: () => Scene): void => {
  const openEntries = () =>
    scene().store.collection<Entry>(scene().own("entries"), { indexes: [{ fields: ["email"], unique: true }] });

  test("of each document the newest version that was put stays, whatever comes later", async () => {
    const entries = await openEntries();
    await entries.putNewer([]);
    await entries.putNewer([entry("a", 1), entry("b", 5, { email: "b@x" }), entry("c", 2)]);
    await entries.putNewer([entry("a", 2), entry("b", 4), entry("c", 2, { text: "again" }), entry("d", 1)]);
    expect(await entries.find({ sort: ["_id"] })).toEqual([
      entry("a", 2),
      entry("b", 5, { email: "b@x" }),
      entry("c", 2),
      entry("d", 1),
    ]);
  });

  test("a put document replaces the whole one, and what looks like an operator is only text", async () => {
    const entries = await openEntries();
    await entries.putNewer([entry("a", 1, { email: "a@x" })]);
    await entries.putNewer([entry("a", 2, { text: "$email" })]);
    expect(await entries.get("a")).toEqual(entry("a", 2, { text: "$email" }));
    expect(await entries.findOne({ email: "a@x" })).toBeNull();
  });

  test("a put document whose unique field is another's is refused", async () => {
    const entries = await openEntries();
    await entries.putNewer([entry("a", 1, { email: "a@x" })]);
    await expect(entries.putNewer([entry("b", 1, { email: "a@x" })])).rejects.toBeInstanceOf(DuplicateKey);
    expect(idsOf(await entries.find())).toEqual(["a"]);
  });

  test("of 20 that put one document at once the newest stays", async () => {
    const entries = await openEntries();
    const versions = Array.from({ length: 20 }, (_, index) => ((index * 7) % 20) + 1);
    await Promise.all(versions.map(version => entries.putNewer([entry("a", version), entry("b", 21 - version)])));
    expect(await entries.find({ sort: ["_id"] })).toEqual([entry("a", 20), entry("b", 20)]);
  });

  test("documents are removed together, those that are not there too", async () => {
    const { items } = scene();
    await insertAll(items, item("a"), item("b"), item("c"));
    await items.removeAll(["a", "c", "x"]);
    await items.removeAll([]);
    expect(idsOf(await items.find())).toEqual(["b"]);
    await items.insert(item("c"));
  });

  test("a dropped collection is empty when it is opened again; dropping what is not there does nothing", async () => {
    const { store, own } = scene();
    const entries = await openEntries();
    await entries.putNewer([entry("a", 1, { email: "a@x" })]);
    await store.drop(own("entries"));
    await store.drop(own("nothing"));
    const again = await openEntries();
    expect(await again.count()).toBe(0);
    await again.insert(entry("b", 1, { email: "a@x" }));
    await expect(again.insert(entry("c", 1, { email: "a@x" }))).rejects.toBeInstanceOf(DuplicateKey);
  });

  test("an index that is declared otherwise than before is made anew, and one that no longer is, is gone", async () => {
    const { store, own } = scene();
    const open = (unique: boolean) =>
      store.collection<Entry>(own("changing"), { indexes: unique ? [{ fields: ["text"], unique }] : [] });
    const before = await open(true);
    await before.insert(entry("a", 1, { text: "x" }));
    await expect(before.insert(entry("b", 1, { text: "x" }))).rejects.toBeInstanceOf(DuplicateKey);
    const after = await open(false);
    await after.insert(entry("b", 1, { text: "x" }));
    await after.update({ _id: "b" }, { $set: { text: "y" } });
    const again = await open(true);
    await expect(again.insert(entry("c", 1, { text: "y" }))).rejects.toBeInstanceOf(DuplicateKey);
    expect(await again.explain({ query: { text: "y" } })).toMatchObject({ scans: false });
  });
};

// What is taken is taken: the scenarios of unique ids and fields, and of writers at the same time.
import { DuplicateKey } from "../../lib/store/store";
import { insertAll, item, type Scene } from "../helpers/store-items";

export const takenScenarios = (scene: () => Scene): void => {
  test("a taken id is refused and the first document stays", async () => {
    const { items } = scene();
    await items.insert(item("a", { pieces: 1 }));
    await expect(items.insert(item("a", { name: "other" }))).rejects.toBeInstanceOf(DuplicateKey);
    expect(await items.find()).toEqual([item("a", { pieces: 1 })]);
    await items.insert(item("b", { name: "other" }));
  });

  test("a taken unique field is refused, on insert and on update", async () => {
    const { items } = scene();
    await insertAll(items, item("a"), item("b"));
    await expect(items.insert(item("c", { name: "a" }))).rejects.toBeInstanceOf(DuplicateKey);
    await expect(items.update({ _id: "b" }, { $set: { name: "a" }, $inc: { pieces: 1 } })).rejects.toBeInstanceOf(
      DuplicateKey,
    );
    expect(await items.find({ sort: ["_id"] })).toEqual([item("a"), item("b")]);
    await items.remove("a");
    await items.insert(item("c", { name: "a" }));
  });

  test("a taken element of a unique array is refused, and the other elements stay free", async () => {
    const { store, own } = scene();
    const indexes = [{ fields: ["keys"], unique: true, multikey: true }] as const;
    const locks = await store.collection<{ _id: string; keys: string[] }>(own("keys"), { indexes });
    await locks.insert({ _id: "one", keys: ["a:1", "a:2"] });
    await expect(locks.insert({ _id: "two", keys: ["b:1", "a:2"] })).rejects.toBeInstanceOf(DuplicateKey);
    await locks.insert({ _id: "two", keys: ["b:1", "a:3"] });
    expect(await locks.findOne({ keys: "a:3" })).toMatchObject({ _id: "two" });
    expect(await locks.find({ query: { keys: { $in: ["a:1", "a:2"] } } })).toHaveLength(1);
  });

  const LACKING =
    "where several fields are unique together, one may be the same, and who lacks the first does not count";
  test(LACKING, async () => {
    const { store, own } = scene();
    interface Seat {
      _id: string;
      row?: string;
      number: number;
    }
    const seats = await store.collection<Seat>(own("seats"), {
      indexes: [{ fields: ["row", "-number"], unique: true }],
    });
    await seats.insert({ _id: "a", row: "x", number: 1 });
    await seats.insert({ _id: "b", row: "x", number: 2 });
    await seats.insert({ _id: "c", row: "y", number: 1 });
    await expect(seats.insert({ _id: "d", row: "x", number: 2 })).rejects.toBeInstanceOf(DuplicateKey);
    for (const _id of ["d", "e"]) await seats.insert({ _id, number: 1 });
    await expect(seats.update({ _id: "e" }, { $set: { row: "x" } })).rejects.toBeInstanceOf(DuplicateKey);
    expect(await seats.get("e")).toEqual({ _id: "e", number: 1 });
  });

  test("of 20 buyers of 5 pieces exactly 5 get one", async () => {
    const { items } = scene();
    await items.insert(item("a", { pieces: 5 }));
    const buy = () => items.update({ _id: "a", pieces: { $gte: 1 } }, { $inc: { pieces: -1 } });
    const bought = await Promise.all(Array.from({ length: 20 }, buy));
    expect(bought.filter(document => document !== null)).toHaveLength(5);
    expect(await items.get("a")).toMatchObject({ pieces: 0 });
  });

  test("of 20 writers of one id exactly one wins", async () => {
    const { items } = scene();
    const write = (_: unknown, index: number) => items.insert(item("a", { name: `writer ${index}` }));
    const written = await Promise.allSettled(Array.from({ length: 20 }, write));
    const winner = written.findIndex(({ status }) => status === "fulfilled");
    expect(written.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(
      written.filter(result => result.status === "rejected" && result.reason instanceof DuplicateKey),
    ).toHaveLength(19);
    expect(await items.find()).toEqual([item("a", { name: `writer ${winner}` })]);
  });
};

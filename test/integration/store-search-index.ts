// What becomes of a text index when it is new, declared otherwise, broken off or dropped, whichever store it is in.
import { setTimeout } from "node:timers/promises";
import type { Collection } from "../../lib/store/store";
import type { Scene } from "../helpers/store-items";
import { FIELDS, foundIn, openThings, thing, type Thing } from "../helpers/store-things";

export const searchIndexScenarios = (scene: () => Scene): void => {
  let things: Collection<Thing>;
  const found = (text: string) => foundIn(things, text);

  test("documents that were there before the index are found by it, also after it was declared otherwise", async () => {
    things = await openThings(scene());
    const red = (n: number) => thing(`t${n}`, `red number${n}`, { category: "sofa" });
    await things.putNewer(Array.from({ length: 1200 }, (_, n) => red(n)));
    await expect(things.search({ text: "red", limit: 1 })).rejects.toThrow("without a text index");
    things = await openThings(scene(), ["name"]);
    for (const n of [0, 499, 500, 700, 1199]) expect(await found(`number${n} `)).toEqual([`t${n}`]);
    expect(await found("sofa")).toEqual([]);
    await things.putNewer([{ ...red(5), name: "blue", version: 2 }]);
    things = await openThings(scene(), ["category", "name"]);
    expect(await found("number5 ")).toEqual([]);
    expect(await found("blue sofa")).toEqual(["t5"]);
    expect(await found("number1199 sofa")).toEqual(["t1199"]);
  });

  test("an index whose filling was broken off is filled when the collection is opened again", async () => {
    things = await openThings(scene());
    await things.putNewer(Array.from({ length: 1200 }, (_, n) => thing(`t${n}`, `red number${n}`)));
    for (const waitMs of [0, 5, 20, 60]) {
      const opening = Promise.allSettled([openThings(scene(), FIELDS)]);
      await setTimeout(waitMs);
      await scene().reopen();
      await opening;
    }
    things = await openThings(scene(), FIELDS);
    for (const n of [0, 499, 500, 700, 1199]) expect(await found(`number${n} `)).toEqual([`t${n}`]);
  });

  test("a collection that is dropped is searched for nothing when it is opened again", async () => {
    things = await openThings(scene(), FIELDS);
    await things.insert(thing("a", "red"));
    await scene().store.drop(scene().own("things"));
    things = await openThings(scene(), FIELDS);
    await things.insert(thing("b", "red"));
    expect(await found("red")).toEqual(["b"]);
  });
};

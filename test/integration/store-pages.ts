// How a service goes through many documents: the scenarios of pages that go on behind a place in the order.
import type { Selection } from "../../lib/store/store";
import { idsOf, insertAll, item, type Scene } from "../helpers/store-items";

const TWENTY = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(97 + index));

export const pageScenarios = (scene: () => Scene): void => {
  /** Goes through all pages, as a client with a cursor does. */
  const pages = async (selection: Selection & { sort: readonly string[] }, limit: number): Promise<string[][]> => {
    const found: string[][] = [];
    let after: (string | number)[] | undefined;
    for (;;) {
      const page = await scene().items.find({ ...selection, limit, ...(after ? { after } : {}) });
      const last = page.at(-1);
      if (!last) return found;
      found.push(idsOf(page));
      after = selection.sort.map(field => (field.replace("-", "") === "pieces" ? last.pieces : last._id));
    }
  };
  const fill = () =>
    insertAll(
      scene().items,
      ...TWENTY.map((id, index) =>
        item(id, { pieces: Math.floor(index / 4), category: index % 2 ? "odd" : "even", tags: index % 3 ? ["x"] : [] }),
      ),
    );

  test("pages that go on behind a document show each one once, in order, though many have one value", async () => {
    await fill();
    for (const limit of [1, 3, 7, 100]) {
      expect((await pages({ sort: ["pieces", "_id"] }, limit)).flat()).toEqual(TWENTY);
      expect((await pages({ sort: ["-pieces", "-_id"] }, limit)).flat()).toEqual(TWENTY.toReversed());
    }
    expect(await pages({ sort: ["_id"] }, 15)).toEqual([TWENTY.slice(0, 15), TWENTY.slice(15)]);
    expect(await pages({ sort: ["-_id"] }, 15)).toEqual([
      TWENTY.slice(5).toReversed(),
      TWENTY.slice(0, 5).toReversed(),
    ]);
  });

  test("pages select as any query does, also by the fields that they are sorted by", async () => {
    await fill();
    const even = TWENTY.filter((_, index) => index % 2 === 0);
    expect((await pages({ query: { category: "even" }, sort: ["-pieces", "-_id"] }, 3)).flat()).toEqual(
      even.toReversed(),
    );
    const some = await pages({ query: { category: "even", pieces: { $gt: 0, $lt: 4 } }, sort: ["pieces", "_id"] }, 2);
    expect(some.flat()).toEqual(even.slice(2, 8));
    const either = await pages(
      { query: { $or: [{ _id: "b" }, { tags: "x", pieces: 4 }] }, sort: ["pieces", "_id"] },
      1,
    );
    expect(either.flat()).toEqual(["b", "q", "r", "t"]);
  });

  test("a page goes on where it was, whatever was inserted or removed before and behind that place", async () => {
    const { items } = scene();
    await fill();
    const after = [1, "f"];
    await items.remove("f");
    await items.insert(item("d2", { pieces: 1 }));
    await items.insert(item("f2", { pieces: 1 }));
    expect(idsOf(await items.find({ sort: ["pieces", "_id"], after, limit: 3 }))).toEqual(["f2", "g", "h"]);
    expect(idsOf(await items.find({ sort: ["pieces", "_id"], after, limit: 2, offset: 1 }))).toEqual(["g", "h"]);
  });
};

// What two instances of products do to one product at once: each command counts once, and on the version it saw.
import type { ProductState } from "../../services/products/product";
import { adjustStock, create, remove } from "../../services/products/product.rules";
import { withoutLocks } from "../helpers/instances";
import { setUp } from "../helpers/product-instances";

afterEach(() => jest.restoreAllMocks());

describe("over two instances", () => {
  const settled = (results: readonly PromiseSettledResult<unknown>[]) =>
    results
      .map(result => (result.status === "fulfilled" ? "done" : String((result.reason as { code?: string }).code)))
      .sort();

  beforeEach(() => withoutLocks());

  test("pieces that are taken off the shelf while others reserve them are not promised", async () => {
    const { at, stocked, product } = await setUp(4);
    for (let round = 0; round < 10; round += 1) {
      const id = await stocked(3);
      const takeAway = at(0)
        .products.change(id, state => adjustStock(state, -2))
        .catch(() => undefined);
      await Promise.all([
        takeAway,
        ...[1, 2, 3].map(index =>
          at(index).reservations.reserve(`ord_${id}_${index}`, [{ productId: id, quantity: 1 }]),
        ),
      ]);
      const { stock, reserved } = await product(id);
      expect(stock - reserved).toBeGreaterThanOrEqual(0);
      expect([
        [3, 3],
        [3, 2],
        [1, 1],
      ]).toContainEqual([stock, reserved]);
    }
  });

  test("of six corrections of the stock that are based on one version one counts, with a key and without", async () => {
    const { at, stocked, product } = await setUp(8);
    for (let round = 0; round < 6; round += 1) {
      const id = await stocked(3);
      const decide = (state: ProductState) => adjustStock(state, 1, [1]);
      const results = await Promise.allSettled(
        [0, 1, 2, 3, 4, 5].map(index =>
          index < 3
            ? at(index).products.change(id, decide)
            : at(index).products.changeOnce(id, { stream: `adj_${id}_${index}`, requestHash: "one" }, decide),
        ),
      );
      expect(settled(results)).toEqual([...Array.from({ length: 5 }, () => "PRECONDITION_FAILED"), "done"]);
      expect((await product(id)).stock).toBe(4);
    }
  });

  test("one key that two get at once adds once, and both answer the same", async () => {
    const { at, stocked, product } = await setUp(7);
    for (let round = 0; round < 10; round += 1) {
      const id = await stocked(3);
      const add = (index: number) =>
        at(index).products.changeOnce(id, { stream: `adj_${id}`, requestHash: "one" }, state => adjustStock(state, 1));
      const answers = await Promise.all([0, 1, 2, 3].map(add));
      const [first, ...others] = answers.map(({ made }) => made);
      expect([(await product(id)).stock, others]).toEqual([4, [first, first, first]]);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    }
  });

  test("orders of several products hold all of their lines or none, in whatever order they name them", async () => {
    const { at, stocked, product } = await setUp(5);
    for (let round = 0; round < 8; round += 1) {
      const ids = [await stocked(3), await stocked(3)];
      const lines = (index: number) =>
        (index % 2 ? ids : ids.toReversed()).map(productId => ({ productId, quantity: 1 }));
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          at(Math.floor(index / 2)).reservations.reserve(`ord_${ids.join()}_${index}`, lines(index)),
        ),
      );
      expect(outcomes.filter(({ outcome }) => outcome === "reserved")).toHaveLength(3);
      for (const id of ids) expect((await product(id)).reserved).toBe(3);
    }
  });

  test("one order that is reserved, sold and released by both at once moves its pieces once", async () => {
    const { at, stocked, product } = await setUp(6);
    for (let round = 0; round < 10; round += 1) {
      const id = await stocked(5);
      const order = `ord_${id}`;
      const reserve = (index: number) => at(index).reservations.reserve(order, [{ productId: id, quantity: 2 }]);
      await Promise.all([
        reserve(0),
        reserve(1),
        at(0).reservations.sell(order),
        at(1).reservations.sell(order),
        ...(round % 2 ? [at(0).reservations.release(order), at(1).reservations.release(order)] : []),
      ]);
      const { stock, reserved } = await product(id);
      if (round % 2) expect([stock, reserved]).toEqual([5, 0]);
      else
        expect([
          [3, 0],
          [5, 2],
        ]).toContainEqual([stock, reserved]);
      await Promise.all([at(0).reservations.release(order), at(1).reservations.release(order)]);
      expect(await product(id)).toMatchObject({ stock: 5, reserved: 0 });
    }
  });

  test("of two products with one SKU one is created; removed and created again by both, one has it", async () => {
    const { at, stocked } = await setUp(7);
    for (let round = 0; round < 10; round += 1) {
      const old = await stocked(1);
      const make = (index: number) => {
        const details = {
          sku: old,
          name: "Mug",
          description: "",
          category: "kitchen",
          price: { amount: 500, currency: "USD" },
          stock: 1,
          images: [],
          attributes: {},
          rating: null,
        };
        return at(index).products.create([{ id: `${old}_${index}`, details, events: create(details, "USD") }]);
      };
      expect(settled(await Promise.allSettled([make(0), make(1)]))).toEqual(["SKU_TAKEN", "SKU_TAKEN"]);
      const off = (index: number) => at(index).products.remove(old, state => remove(state, undefined));
      expect(settled(await Promise.allSettled([off(0), off(1)]))).toEqual(["PRODUCT_NOT_FOUND", "done"]);
      expect(settled(await Promise.allSettled([make(0), make(1), make(2)]))).toEqual([
        "SKU_TAKEN",
        "SKU_TAKEN",
        "done",
      ]);
    }
  });

  test("an order that names a product twice holds the sum of both lines", async () => {
    const { at, stocked, product } = await setUp(8);
    const id = await stocked(5);
    const twice = (order: string) =>
      at(0).reservations.reserve(order, [
        { productId: id, quantity: 2 },
        { productId: id, quantity: 2 },
      ]);
    expect(await twice("ord_twice_1")).toEqual({ outcome: "reserved" });
    expect(await twice("ord_twice_2")).toEqual({ outcome: "refused", productId: id });
    expect(await product(id)).toMatchObject({ reserved: 4 });
  });
});

// Two instances of products over one slow database: never more pieces promised than there are, with locks or without.
import { isDeepStrictEqual } from "node:util";
import type { productEvents } from "../../contracts/product-events";
import { EventStore } from "../../lib/events/event-store";
import { Catalogue } from "../../services/products/catalogue";
import {
  available,
  evolve,
  isProductEvent,
  type KnownProduct,
  noProduct,
  type ProductState,
} from "../../services/products/product";
import { openProducts } from "../../services/products/open-products";
import { adjustStock, create, listed, remove } from "../../services/products/product.rules";
import { sharedStore, withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";

const BUYERS = 30;
const PIECES = 5;

let serial = 0;

const setUp = async (seed: number) => {
  const store = sharedStore(await temporaryStore(), seed);
  const instance = async () => {
    const log = await EventStore.open<typeof productEvents>(store, () => new Date());
    const { commands: products, reservations } = openProducts(log, await Catalogue.open(store));
    return { log, products, reservations };
  };
  const [one, two] = [await instance(), await instance()];
  const at = (index: number) => (index % 2 ? two : one);
  const stocked = async (stock: number) => {
    const id = `prd_${(serial += 1)}`;
    const details = {
      sku: id,
      name: "Mug",
      description: "",
      category: "kitchen",
      price: { amount: 500, currency: "USD" },
      stock,
      images: [],
      attributes: {},
      rating: null,
    };
    await one.products.create([{ id, details, events: create(details, "USD") }]);
    return id;
  };
  const recorded = async (id: string): Promise<KnownProduct> =>
    listed((await one.log.getEvents(id)).filter(isProductEvent).reduce<ProductState>(evolve, noProduct));
  /** As the log has it; what commands start from is checked against it. */
  const product = async (id: string): Promise<KnownProduct> => {
    const state = await recorded(id);
    for (const { products } of [one, two]) expect(await products.load(id)).toEqual(state);
    return state;
  };
  return { at, stocked, recorded, product, log: one.log };
};

type World = Awaited<ReturnType<typeof setUp>>;

/** What is wrong after a rush of thirty buyers on five pieces; nothing, if every piece was promised once. */
const rush = async ({ at, stocked, recorded }: World): Promise<string[]> => {
  const id = await stocked(PIECES);
  const buy = async (index: number) => {
    const order = `ord_${id}_${index}`;
    const { outcome } = await at(index).reservations.reserve(order, [{ productId: id, quantity: 1 }]);
    if (outcome === "reserved" && index % 3 === 0) await at(index + 1).reservations.release(order);
    else if (outcome === "reserved" && index % 3 === 1)
      return { outcome: await at(index + 1).reservations.sell(order) };
    return { outcome: outcome === "reserved" && index % 3 === 0 ? "released" : outcome };
  };
  const outcomes = (await Promise.all(Array.from({ length: BUYERS }, (_, index) => buy(index)))).map(
    ({ outcome }) => outcome,
  );
  const count = (wanted: string) => outcomes.filter(outcome => outcome === wanted).length;
  const state = await recorded(id);
  const problems: string[] = [];
  for (const index of [0, 1])
    if (!isDeepStrictEqual(await at(index).products.load(id), state))
      problems.push("commands start from another state");
  if (available(state) < 0) problems.push(`${-available(state)} pieces too many are promised`);
  if (available(state) + state.reserved + count("sold") !== PIECES) problems.push("pieces came or went");
  if (state.reserved !== count("reserved")) problems.push(`${state.reserved} are held for ${count("reserved")} orders`);
  if (count("sold") + count("reserved") > PIECES) problems.push("more were given away than there were");
  return problems;
};

/** What is wrong after the first rush that went wrong, if any of so many does. */
const rushes = async (seed: number, rounds: number): Promise<string[]> => {
  const world = await setUp(seed);
  let problems: string[] = [];
  for (let round = 0; round < rounds && problems.length === 0; round += 1) problems = await rush(world);
  return problems;
};

afterEach(() => jest.restoreAllMocks());

describe("thirty buyers and five pieces, over two instances", () => {
  test("every piece is promised once", async () => expect(await rushes(1, 6)).toEqual([]));

  test("also when nobody in a process waits for anybody else", async () => {
    withoutLocks();
    expect(await rushes(2, 10)).toEqual([]);
  });

  test("and this test would notice if logs did not check the version that was decided on", async () => {
    withoutLocks();
    withoutVersionChecks();
    expect(await rushes(3, 3)).not.toEqual([]);
  });
});

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

// Thirty buyers and five pieces over two instances of products: never more pieces promised than there are, with locks
// or without.
import { isDeepStrictEqual } from "node:util";
import { available } from "../../services/products/product";
import { withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { setUp, type World } from "../helpers/product-instances";

const BUYERS = 30;
const PIECES = 5;

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

// The sweep over any number of stuck orders: those that can settle do, whoever is silent; counted in rounds, not
// seconds.
import type { OrderEvent } from "../../services/orders/order";
import { event, killed, MINUTE, pauses, placed, setUp, silent } from "../helpers/sweep";

const SILENT_PROVIDER =
  "five hundred orders with a silent provider hold up twenty that a killed process left by not one round";
test(SILENT_PROVIDER, async () => {
  const world = await setUp();
  await silent(world, 500);
  world.pass(MINUTE);
  await killed(world, 20);
  world.pass(3000);
  const sweep = world.sweep();
  await sweep.round();
  await pauses(() => world.statuses("killed").every(status => status === "confirmed"));
  expect(world.statuses("killed")).toEqual(Array.from({ length: 20 }, () => "confirmed"));
  // A round waits for nobody: while all these tries hang, the next one still begins.
  expect(await sweep.round()).toBe(true);
  world.release();
  await sweep.settled();
});

const EACH_ITS_TURN =
  "each of five hundred stuck orders gets its turn, none twice before all had one, also after a restart";
test(EACH_ITS_TURN, async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  await silent(world, 500);
  world.pass(3000);
  for (let rounds = 0; rounds < 30 && world.tries.size < 500; rounds += 1) {
    // A new process each time: what it knows of who was tried when is in the store.
    const sweep = world.sweep();
    await sweep.round();
    await sweep.settled();
  }
  expect(world.tries.size).toBe(500);
  expect(new Set(world.tries.values())).toEqual(new Set([1]));
});

test("two processes do not try the same order at the same time", async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  await silent(world, 30);
  world.pass(3000);
  const [one, other] = [world.sweep(), world.sweep()];
  await Promise.all([one.round(), other.round()]);
  await Promise.all([one.settled(), other.settled()]);
  expect([...world.tries.values()]).toEqual(Array.from({ length: 30 }, () => 1));
});

test("a stuck order is tried ever more rarely, and never given up", async () => {
  const world = await setUp();
  world.behaviour.silent = "answer";
  const cancelled: OrderEvent = { type: "OrderCancelled", data: { by: "kim" } };
  await world.happen("silent-1", placed, event("StockReserved"), event("PaymentUnknown"), cancelled);
  const sweep = world.sweep();
  const triesIn = async (minutes: number) => {
    const before = world.tries.get("silent-1") ?? 0;
    for (let second = 0; second < minutes * 60; second += 1) {
      world.pass(1000);
      await sweep.round();
      await sweep.settled();
    }
    return (world.tries.get("silent-1") ?? 0) - before;
  };
  const [first, , third] = [await triesIn(5), await triesIn(5), await triesIn(10)];
  expect(first).toBeGreaterThan(4);
  expect(third).toBeLessThanOrEqual(3);
  expect(third).toBeGreaterThanOrEqual(1);
});

describe("a clock that jumps", () => {
  test("ahead by a day ends no order that settles when it is tried", async () => {
    const world = await setUp();
    await killed(world, 20);
    world.pass(24 * 60 * MINUTE);
    const sweep = world.sweep();
    await sweep.round();
    await sweep.settled();
    expect(new Set(world.statuses("killed"))).toEqual(new Set(["confirmed"]));
  });

  test("back by a day leaves no order waiting for a day", async () => {
    const world = await setUp();
    world.behaviour.silent = "answer";
    await silent(world, 3);
    world.pass(-24 * 60 * MINUTE);
    const sweep = world.sweep();
    for (let second = 0; second < 10; second += 1) {
      await sweep.round();
      await sweep.settled();
      world.pass(1000);
    }
    expect(world.statuses("silent")).toEqual(["rejected", "rejected", "rejected"]);
    expect(world.known("silent-000")).toMatchObject({ failure: { code: "EXPIRED" } });
  });
});

// The plan of faults: by its seed and nothing else, so that what was found can be repeated.
import { planOf } from "../guarantees/faults/plan";

const targets = ["api-1", "orders-1", "orders-2", "nats", "store"];
const options = { seed: 7, durationMs: 60_000, targets, everyMs: 1000 };

test("the same seed is the same plan, another seed another one", () => {
  expect(planOf(options)).toEqual(planOf(options));
  expect(planOf({ ...options, seed: 8 })).not.toEqual(planOf(options));
});

test.each([1, 2, 3, 4, 5])(
  "with seed %d everybody is killed and stopped, one thing at a time, and all is over at the end",
  seed => {
    const plan = planOf({ ...options, seed });
    expect(new Set(plan.map(({ kind, target }) => `${kind} ${target}`)).size).toBe(2 * targets.length);
    expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).sort((a, b) => a - b));
    for (const { atMs, forMs } of plan) expect(atMs + forMs).toBeLessThan(options.durationMs);
    for (const target of targets) {
      const own = plan.filter(fault => fault.target === target);
      own.forEach(({ atMs }, index) => {
        const before = own[index - 1];
        if (before) expect(atMs).toBeGreaterThan(before.atMs + before.forMs);
      });
    }
  },
);

test("some who are stopped are given up by the others before they wake, some are not missed", () => {
  const stops = planOf(options).filter(({ kind }) => kind === "stop");
  expect(stops.some(({ forMs }) => forMs > 3000)).toBe(true);
  expect(stops.some(({ forMs }) => forMs < 1500)).toBe(true);
});

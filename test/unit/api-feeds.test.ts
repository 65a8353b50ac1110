// The place in a feed from which on a gateway must read after a start.
import type { Runtime } from "../../lib/runtime";
import { positionAt } from "../../services/api/feeds";

/** A feed whose commits 1, 2, 3, … were made at these times. */
const feedOf = (times: readonly number[]) => {
  let looks = 0;
  const call = async (_name: string, { after, limit }: { after: number; limit: number }) => {
    looks += 1;
    const commits = times.slice(after, after + limit).map((time, index) => ({ position: after + index + 1, events: [{ timestamp: new Date(time).toISOString() }] }));
    return { commits, head: times.length };
  };
  return { runtime: { bus: { call } } as unknown as Runtime, looks: () => looks };
};

test("whatever the feed and the time, nothing young is left out and nothing old is read", async () => {
  for (let length = 0; length < 12; length += 1) {
    const times = Array.from({ length }, (_, index) => index * 10);
    for (let time = -5; time < length * 10 + 10; time += 5) {
      const { runtime } = feedOf(times);
      expect(await positionAt(runtime, "users", time)).toBe(times.filter(at => at < time).length);
    }
  }
});

test("a long feed costs few looks", async () => {
  const { runtime, looks } = feedOf(Array.from({ length: 100_000 }, (_, index) => index));
  expect(await positionAt(runtime, "users", 99_000)).toBe(99_000);
  expect(looks()).toBeLessThan(25);
});

// Slow work in turns: nobody waits in vain, and who has left is not worked for.
import { setImmediate } from "node:timers/promises";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { Turns } from "../../lib/turns";

const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }) as Error;
const waits = (timeLeft: number, signal = new AbortController().signal): Caller => ({
  timeLeft: () => timeLeft,
  signal,
});

/** Two at a time, each said to take a second, nobody for longer than a minute. */
const start = () => {
  const turns = new Turns(2, 1000, 60_000);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (name: string, caller = waits(Infinity)) => {
    const work = async () => {
      begun.push(name);
      return new Promise<string>(resolve => ends.set(name, () => resolve(name)));
    };
    const result = turns.take(work, caller);
    result.catch(() => undefined);
    return result;
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await setImmediate();
  };
  return { turns, begun, take, end };
};

test("so many at a time, in the order of their coming", async () => {
  const { begun, take, end } = start();
  const results = ["a", "b", "c", "d"].map(async name => take(name));
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  for (const name of ["a", "c", "d"]) await end(name);
  expect(await Promise.all(results)).toEqual(["a", "b", "c", "d"]);
});

const AFTER_HIS_TIME =
  "who would be served after his time is refused at once, and told in how many seconds it is worth asking";
test(AFTER_HIS_TIME, async () => {
  const { begun, take } = start();
  for (const name of ["a", "b", "c", "d", "e"]) void take(name);
  // Three wait; with this one four, two at a time, each a second: 2 rounds, and its own.
  await expect(take("late", waits(2500))).rejects.toMatchObject({
    code: "SERVICE_UNAVAILABLE",
    data: { retryAfter: 3 },
  });
  void take("patient", waits(3500));
  expect(begun).toEqual(["a", "b"]);
});

test("nobody waits for longer than is good for him, however much time he has", async () => {
  const turns = new Turns(1, 1000, 3000);
  const never = async () => new Promise(() => undefined);
  for (let index = 0; index < 3; index += 1) void turns.take(never, waits(Infinity)).catch(() => undefined);
  await expect(turns.take(never, waits(Infinity))).rejects.toEqual(unavailable);
});

test("who leaves before his turn is not worked for, and the next one's turn comes sooner", async () => {
  const { begun, take, end, turns } = start();
  const leaving = new AbortController();
  void take("a");
  void take("b");
  const left = [take("c", waits(Infinity, leaving.signal)), take("d", waits(Infinity, leaving.signal))];
  void take("e");
  const waitBefore = turns.waitMs;
  leaving.abort();
  for (const result of left) await expect(result).rejects.toEqual(unavailable);
  expect(turns.waitMs).toBeLessThan(waitBefore);
  await end("a");
  expect(begun).toEqual(["a", "b", "e"]);
});

test("who has left already is not worked for; work that has begun is brought to its end", async () => {
  const { begun, take, end } = start();
  const leaving = new AbortController();
  const going = take("a", waits(Infinity, leaving.signal));
  leaving.abort();
  await expect(take("b", waits(Infinity, leaving.signal))).rejects.toEqual(unavailable);
  await end("a");
  expect([await going, begun]).toEqual(["a", ["a"]]);
});

test("what it takes is measured, also when it fails, and a failure takes nobody's turn", async () => {
  const turns = new Turns(1, 1_000_000, Infinity);
  for (let index = 0; index < 100; index += 1) {
    await turns.take(async () => Promise.reject(new Error("no")), waits(Infinity)).catch(() => undefined);
  }
  expect(turns.waitMs).toBeLessThan(1000);
});

// Rounds of work: nudged, by themselves, failing, stopped; on a clock that the test moves.
import { Rounds } from "../../lib/rounds";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Work that waits until the test ends it. */
const startRounds = () => {
  const begun: { end(more?: boolean): void; fail(): void }[] = [];
  const failed: number[] = [];
  const rounds = new Rounds({
    work: () =>
      new Promise<boolean>((resolve, reject) => {
        begun.push({ end: (more = false) => resolve(more), fail: () => reject(new Error("no")) });
      }),
    onError: (_error, failures) => failed.push(failures),
    intervalMs: 1000,
    maxBackoffMs: 500,
  });
  const settle = () => jest.advanceTimersByTimeAsync(0);
  return { rounds, begun, failed, settle };
};

test("a nudge begins a round at once, and nudges meanwhile are one more round, which they wait for", async () => {
  const { rounds, begun, settle } = startRounds();
  const waiting = [rounds.nudge(), rounds.nudge(), rounds.nudge()];
  expect(begun).toHaveLength(1);
  let over = false;
  void Promise.all(waiting).then(() => (over = true));
  begun[0]?.end();
  await settle();
  expect([begun.length, over]).toEqual([2, false]);
  begun[1]?.end();
  await settle();
  expect([begun.length, over]).toEqual([2, true]);
});

test("a round that says there is more is followed by another at once, and others after the interval", async () => {
  const { rounds, begun, settle } = startRounds();
  void rounds.nudge();
  begun[0]?.end(true);
  await settle();
  expect(begun).toHaveLength(2);
  begun[1]?.end();
  await jest.advanceTimersByTimeAsync(999);
  expect(begun).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(1);
  expect(begun).toHaveLength(3);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  "a nudge %i ticks after a round's work has ended is not lost",
  async ticks => {
    const { rounds, begun, settle } = startRounds();
    void rounds.nudge();
    begun[0]?.end();
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    void rounds.nudge();
    await settle();
    expect(begun).toHaveLength(2);
  },
);

test("failed rounds are told, counted and tried again after growing pauses until one succeeds", async () => {
  const { rounds, begun, failed } = startRounds();
  void rounds.nudge();
  for (const [round, pauseMs] of [200, 400, 500, 500].entries()) {
    begun[round]?.fail();
    await jest.advanceTimersByTimeAsync(pauseMs - 1);
    expect(begun).toHaveLength(round + 1);
    await jest.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(round + 2);
  }
  expect(failed).toEqual([1, 2, 3, 4]);
  begun[4]?.end();
  await jest.advanceTimersByTimeAsync(1000);
  begun[5]?.fail();
  await jest.advanceTimersByTimeAsync(0);
  expect(failed.at(-1)).toBe(1);
});

test("stopping waits for the round that runs, tells of no failure, and begins no other", async () => {
  const { rounds, begun, failed, settle } = startRounds();
  void rounds.nudge();
  void rounds.nudge();
  let over = false;
  const stopped = rounds.stop().then(() => (over = true));
  await settle();
  expect([over, rounds.isStopped]).toEqual([false, true]);
  begun[0]?.fail();
  await stopped;
  await rounds.nudge();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([begun.length, failed]).toEqual([1, []]);
});

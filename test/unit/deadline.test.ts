// How much time a caller has left, whatever the clocks of two processes say of each other.
import { PeerClocks, timeLeft } from "../../lib/moleculer/middlewares/deadline";

const HOUR = 3_600_000;

/** Two processes; the callee's clock is ahead of the caller's by `skew` milliseconds, and runs faster by `drift`. */
const pair = (skew: number, drift = 0) => {
  const clocks = new PeerClocks();
  const mine = (at: number) => at * (1 + drift) + skew;
  return {
    clocks,
    /** A heartbeat, sent and read at these moments of the caller's clock. */
    heartbeat: (sent: number, read = sent + 1) => clocks.heard({ clock: "caller", at: sent }, mine(read)),
    /**
     * What is left at `read` of a call whose caller gives up at `deadline`; it said that it would wait for `timeout`.
     */
    left: (deadline: number, read: number, timeout = 8000) =>
      timeLeft(
        { arrived: mine(read), sent: mine(read), timeout, deadline: { clock: "caller", at: deadline } },
        clocks,
        mine(read),
      ),
    asked: (asked: number, answeredAt: number, read: number) =>
      clocks.answered(mine(asked), { clock: "caller", at: answeredAt }, mine(read)),
  };
};

describe.each([
  ["equal", 0],
  ["5 s ahead", 5000],
  ["5 s behind", -5000],
  ["an hour ahead", HOUR],
  ["an hour behind", -HOUR],
])("clocks that are %s", (_what, skew) => {
  test("a call that arrives at once has all its time", () => {
    const { heartbeat, left } = pair(skew);
    heartbeat(1000);
    expect(left(10_000, 2001)).toBeCloseTo(8000, -1);
  });

  test("a call that was read long after it was sent has the rest of it, or none", () => {
    const { heartbeat, left } = pair(skew);
    heartbeat(1000);
    expect(left(10_000, 5000)).toBeCloseTo(5000, -1);
    expect(left(10_000, 10_100)).toBeLessThan(0);
    expect(left(10_000, 40_000)).toBeLessThan(0);
  });

  test("late packets teach nothing: what waited with the call in one socket does not make it look fresh", () => {
    const { heartbeat, left } = pair(skew);
    heartbeat(1000);
    for (let sent = 2000; sent < 600_000; sent += 1000) heartbeat(sent, 600_000);
    expect(left(10_000, 600_000)).toBeLessThan(0);
    expect(left(590_000, 600_000)).toBeLessThan(0);
    expect(left(608_000, 600_000)).toBeGreaterThan(7000);
  });
});

test("clocks that drift apart are followed: after an hour a call that arrives at once still has all its time", () => {
  for (const drift of [0.0005, -0.0005]) {
    const { heartbeat, left } = pair(HOUR, drift);
    for (let sent = 0; sent <= HOUR; sent += 1000) heartbeat(sent);
    expect(left(HOUR + 8000, HOUR + 1)).toBeCloseTo(8000, -2);
    expect(left(HOUR - 100, HOUR + 1)).toBeLessThan(0);
  }
});

test("a caller whose machine slept, and its clock with it, looks late, until it has answered", () => {
  const { heartbeat, left, asked, clocks } = pair(0);
  heartbeat(1000);
  // It slept for a minute: from now on its clock shows 60 000 less than it would have.
  expect(left(10_000, 62_000)).toBeLessThan(0);
  asked(62_001, 2002, 62_003);
  expect(clocks.timeOf("caller", 62_003)).toBeCloseTo(2002, -1);
  expect(left(10_000, 62_003)).toBeCloseTo(8000, -1);
});

test("an answer that came late says nothing against what is known", () => {
  const { heartbeat, left, asked } = pair(0);
  heartbeat(1000);
  asked(2000, 3000, 40_000);
  expect(left(10_000, 40_000)).toBeLessThan(0);
});

test("no caller gets more time than it asked for, whatever its deadline says", () => {
  const { heartbeat, left } = pair(0);
  heartbeat(1000);
  expect(left(Number.MAX_SAFE_INTEGER, 2000, 500)).toBeLessThanOrEqual(500);
});

test("who says nothing of its clock may have sent its call when this process began to stand still", () => {
  const clocks = new PeerClocks();
  const call = { arrived: 40_000, timeout: 8000, deadline: undefined };
  expect(timeLeft({ ...call, sent: 40_000 }, clocks, 40_100)).toBe(7900);
  expect(timeLeft({ ...call, sent: 10_000 }, clocks, 40_100)).toBeLessThan(0);
  expect(timeLeft({ ...call, sent: 38_000 }, clocks, 40_100)).toBe(5900);
  expect(timeLeft({ ...call, timeout: undefined, sent: 10_000 }, clocks, 40_100)).toBe(Number.POSITIVE_INFINITY);
});

test("clocks of processes that have long gone are forgotten, and not the others", () => {
  const clocks = new PeerClocks();
  for (let index = 0; index < 3000; index += 1) clocks.heard({ clock: `c${index}`, at: 0 }, index);
  expect(clocks.timeOf("c0", 3000)).toBeUndefined();
  expect(clocks.timeOf("c2999", 3000)).toBeCloseTo(1, 0);
});

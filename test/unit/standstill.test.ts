// A process notices that it stood still, and what it reads then may be as old as that.
import { Standstill, TICK } from "../../lib/moleculer/middlewares/standstill";

const start = () => {
  const time = { now: 1000, day: 5_000_000 };
  const woken: [number, boolean][] = [];
  const standstill = new Standstill({ now: () => time.now, day: () => time.day }, (lasted, clockToo) =>
    woken.push([lasted, clockToo]),
  );
  const pass = (now: number, day = now) => {
    time.now += now;
    time.day += day;
  };
  /** Milliseconds of healthy life. */
  const live = (milliseconds: number) => {
    for (let lived = 0; lived < milliseconds; lived += TICK) {
      pass(TICK);
      standstill.look();
    }
  };
  return { time, woken, standstill, pass, live };
};

test("a process that lives, also a busy one, has nothing to doubt", () => {
  const { time, woken, standstill, pass, live } = start();
  live(60_000);
  pass(900);
  standstill.look();
  expect([woken, standstill.isReadingUp(time.now), standstill.sentBefore(time.now)]).toEqual([[], false, time.now]);
});

const STOPPED_AND_CONTINUED =
  "after SIGSTOP and SIGCONT, what is read can have been sent since the last sign of life; what came before it cannot";
test(STOPPED_AND_CONTINUED, () => {
  const { time, woken, standstill, pass, live } = start();
  live(1000);
  const stopped = time.now;
  pass(30_000);
  standstill.look();
  expect([woken, standstill.isReadingUp(time.now)]).toEqual([[[30_000, false]], true]);
  expect(standstill.sentBefore(time.now)).toBe(stopped);
  expect(standstill.sentBefore(stopped - 100)).toBe(stopped - 100);
  expect(standstill.sentBefore(stopped + TICK)).toBe(stopped + TICK);
});

test("stopped again before all was read: the first time counts", () => {
  const { time, standstill, pass } = start();
  const stopped = time.now;
  pass(5000);
  standstill.look();
  pass(5000);
  standstill.look();
  expect(standstill.sentBefore(time.now)).toBe(stopped);
});

test("the doubt ends when somebody has answered, or after a while", () => {
  const { time, standstill, pass, live } = start();
  pass(30_000);
  standstill.look();
  standstill.hasReadUp();
  expect(standstill.isReadingUp(time.now)).toBe(false);
  pass(30_000);
  standstill.look();
  live(5000);
  expect(standstill.isReadingUp(time.now)).toBe(false);
});

test("a machine that slept is noticed by the time of day, as its monotonic clock slept too", () => {
  const { time, woken, standstill, pass } = start();
  pass(TICK, 60_000);
  standstill.look();
  expect(woken).toEqual([[60_000, true]]);
  expect(standstill.sentBefore(time.now)).toBe(time.now - 60_000);
});

test("a time of day that is set back does no harm", () => {
  const { time, woken, standstill, pass } = start();
  pass(TICK, -60_000);
  standstill.look();
  expect([woken, standstill.isReadingUp(time.now)]).toEqual([[], false]);
});

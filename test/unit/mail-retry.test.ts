// When a mail that did not leave is tried again: soon after a fault, later and later for its recipient, and for a day
// at most.
import { afterDeferral, afterFault, type Tries } from "../../services/mail/retry.rules";

const start = new Date("2026-01-02T00:00:00.000Z");
const fresh: Tries = { faults: 0, deferrals: 0, deferredSince: null, next: start.toISOString() };
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const pause = (from: Date, { next }: Tries) => (Date.parse(next) - from.getTime()) / 1000;

test("faults pause a mail for 1, 2, 4 … seconds, a minute at most, for as long as they last", () => {
  let tries = fresh;
  const pauses = Array.from({ length: 9 }, () => pause(start, (tries = afterFault(tries, start))));
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(pause(at(60 * 24 * 30), afterFault({ ...tries, faults: 100_000 }, at(60 * 24 * 30)))).toBe(60);
});

test("a recipient who is put off pauses his mail for 1, 2, 4 … minutes, half an hour at most", () => {
  let tries: Tries | null = fresh;
  const pauses = Array.from(
    { length: 8 },
    () => pause(start, (tries = afterDeferral(tries ?? fresh, start)) ?? fresh) / 60,
  );
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
});

test("a recipient who is put off for a day is given up; the day begins when he was first put off", () => {
  const first = afterDeferral(fresh, start) ?? fresh;
  expect(first.deferredSince).toBe(start.toISOString());
  const late = afterDeferral(first, at(24 * 60 - 1));
  expect(late).toMatchObject({ deferredSince: start.toISOString(), deferrals: 2 });
  expect(afterDeferral(late ?? fresh, at(24 * 60))).toBeNull();
});

test("a fault in between keeps the recipient's day and pauses, and a deferral ends a row of faults", () => {
  const deferred = afterDeferral(fresh, start) ?? fresh;
  const fault = afterFault(afterFault(deferred, at(1)), at(2));
  expect(fault).toMatchObject({ faults: 2, deferrals: 1, deferredSince: start.toISOString() });
  const again = afterDeferral(fault, at(3)) ?? fresh;
  expect([again.faults, pause(at(3), again)]).toEqual([0, 120]);
});

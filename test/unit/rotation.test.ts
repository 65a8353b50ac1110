// When an instance leaves the rotation, and when it comes back.
import { Rotation } from "../../lib/moleculer/rotation";

const start = () => {
  const rotation = new Rotation(5000);
  return (well: boolean, asked: number, now = asked) => rotation.answered(well, asked, now);
};

test("a store that fails for five seconds is one to leave for, once; the first answer is one to return for, once", () => {
  const answered = start();
  expect([0, 2000, 4999].map(at => answered(false, at))).toEqual([undefined, undefined, undefined]);
  expect([5000, 6000, 60_000].map(at => answered(false, at))).toEqual(["leave", undefined, undefined]);
  expect([61_000, 62_000].map(at => answered(true, at))).toEqual(["return", undefined]);
  expect([70_000, 74_000, 75_000].map(at => answered(false, at))).toEqual([undefined, undefined, "leave"]);
});

test("hiccups do not add up", () => {
  const answered = start();
  for (let at = 0; at < 60_000; at += 4000) {
    expect(answered(false, at)).toBeUndefined();
    expect(answered(true, at + 3000)).toBeUndefined();
  }
});

test("the time in which the store did not answer counts from when it was asked", () => {
  const answered = start();
  expect(answered(false, 0, 5000)).toBe("leave");
});

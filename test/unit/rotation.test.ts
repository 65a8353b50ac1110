// When an instance leaves the rotation, and when it comes back.
import { setTimeout } from "node:timers/promises";
import type { Service } from "moleculer";
import { keepInRotation, Rotation } from "../../lib/rotation";

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

test("a process that stood still while it asked does not leave for that", async () => {
  const told: string[] = [];
  const asked: number[] = [];
  const ping = async () => {
    asked.push(performance.now());
    if (asked.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    throw new Error("no answer");
  };
  const broker = { nodeID: "node", registry: { services: { get: () => undefined } } };
  const say = (line: string) => void told.push(`${line} after ${asked.length} looks`);
  const service = { broker, name: "products", fullName: "products" } as unknown as Service;
  const stop = keepInRotation(service, ping, { error: say, info: say }, { every: 20, outAfter: 200 });
  while (told.length === 0) await setTimeout(5);
  stop();
  // A store that goes on failing is left for, all the same: counted from the look after the waking on.
  expect(told).toEqual([expect.stringMatching(/^The store of products has not answered .* after ([3-9]|\d\d+) looks$/)]);
});

// Nudges: one for all commits that come shortly after one another, and none forgotten.
import { Nudges } from "../../lib/moleculer/nudges";

let told: number[];
let nudges: Nudges;
beforeEach(() => {
  jest.useFakeTimers();
  told = [];
  nudges = new Nudges(position => void told.push(position));
});
afterEach(() => jest.useRealTimers());

test("the commits of an order are told of once, by the last of them, whichever was announced last", () => {
  for (const position of [1, 3, 2]) nudges.due(position);
  jest.advanceTimersByTime(20);
  expect(told).toEqual([3]);
});

test("under steady commits nobody waits for their end: each is told of within 10 ms", () => {
  for (let position = 1; position <= 100; position += 1) {
    nudges.due(position);
    jest.advanceTimersByTime(1);
    expect(told.at(-1) ?? 0).toBeGreaterThan(position - 10);
  }
  expect(told.length).toBeLessThan(25);
});

test("a service that stops tells of what it has not told yet, and then no more", () => {
  nudges.due(7);
  nudges.stop();
  expect(told).toEqual([7]);
  nudges.stop();
  jest.advanceTimersByTime(20);
  expect(told).toEqual([7]);
});

// A wait that ends after some time: who wins, and that no timer is left when the answer was faster.
import { raceTimer } from "../../lib/race";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const late = () => "late";

test("what is done in time is the answer, and its timer is gone", async () => {
  expect(await raceTimer(Promise.resolve("done"), 1000, late)).toBe("done");
  expect(jest.getTimerCount()).toBe(0);
});

test("what fails in time is thrown, and its timer is gone", async () => {
  await expect(raceTimer(Promise.reject(new Error("failed")), 1000, late)).rejects.toThrow("failed");
  expect(jest.getTimerCount()).toBe(0);
});

test("what is not done in time gives what is given for it, or throws what that throws", async () => {
  const never = new Promise<string>(() => undefined);
  const given = raceTimer(never, 1000, late);
  const thrown = raceTimer(never, 1000, () => {
    throw new Error("Too late.");
  });
  const refused = expect(thrown).rejects.toThrow("Too late.");
  await jest.advanceTimersByTimeAsync(1000);
  expect(await given).toBe("late");
  await refused;
});

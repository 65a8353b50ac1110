// What a follower tells people: that it has stopped, at once and every minute; and that it fails, when that lasts.
import { memoryCheckpoint, type Page } from "../../lib/events/checkpoint";
import { followerOf } from "../../lib/events/following";

afterEach(() => jest.restoreAllMocks());

/** A follower of orders that is nudged by hand, and a clock that is put forward by hand. */
const setUp = () => {
  const page: Page = { log: "one", at: null, commits: [], head: 0 };
  const state = { page, failure: undefined as Error | undefined, time: 5_000_000 };
  jest.spyOn(performance, "now").mockImplementation(() => state.time);
  const told: string[] = [];
  const say =
    (level: string) =>
    (...parts: unknown[]) =>
      void told.push([level, ...parts].join(" "));
  const bus = { call: async () => (state.failure ? Promise.reject(state.failure) : state.page) } as never;
  const logger = { debug: () => undefined, warn: say("warn"), error: say("error") };
  const subscription = { source: "orders", checkpoint: memoryCheckpoint(async () => 3), on: {} } as const;
  const follower = followerOf(bus, "mail", subscription, logger);
  /** So often without a look of its own in between: those are no more than further looks. */
  const look = async (times = 1) => {
    for (let time = 0; time < times; time += 1) await follower.nudge();
    return told.splice(0);
  };
  return { state, look, whole: { ...page, at: "c3", head: 3 }, cut: page, stop: async () => follower.stop() };
};

const STOPPED = expect.stringMatching(
  /^error Following the feed of orders HAS STOPPED: .* npm run feeds -- reset mail orders --from 1$/,
) as string;

test("one that has stopped says so at once, is quiet for a minute, and reminds of it every minute", async () => {
  const { state, look, stop } = setUp();
  expect(await look()).toEqual([STOPPED]);
  expect(await look(5)).toEqual([]);
  for (let minute = 1; minute <= 3; minute += 1) {
    state.time += 59_999;
    expect(await look(3)).toEqual([]);
    state.time += 1;
    expect(await look(3)).toEqual([STOPPED]);
  }
  await stop();
});

test("one that was mended and stops again within the minute says so at once", async () => {
  const { state, look, whole, cut, stop } = setUp();
  expect(await look()).toEqual([STOPPED]);
  state.page = whole;
  expect(await look()).toEqual([]);
  state.page = cut;
  expect(await look()).toEqual([STOPPED]);
  await stop();
});

test("one whose source does not answer warns once, at the third time in a row", async () => {
  const { state, look, whole, stop } = setUp();
  state.failure = new Error("Not there.");
  expect(await look(2)).toEqual([]);
  expect(await look()).toEqual(["warn Following the feed of orders fails, trying again: Not there."]);
  expect(await look(5)).toEqual([]);
  state.failure = undefined;
  state.page = whole;
  expect(await look()).toEqual([]);
  await stop();
});

// The log: one winner per version, no gaps, the same answer for a repeat, several streams in one commit.
import { EventStore, VersionConflict } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import type { Store } from "../../lib/store/store";
import { openOnce } from "../helpers/around-store";
import { temporaryStore } from "../helpers/store";
import { counted, type Schemas, word } from "../helpers/words";

const now = () => new Date("2026-01-01T00:00:00Z");
const openLog = async (store?: Store) => EventStore.open<Schemas>(store ?? (await temporaryStore()), now);

describe("the event store", () => {
  test("gives back what was appended, numbered from 1", async () => {
    const log = await openLog();
    await log.append([{ stream: "a", expectedVersion: 0, events: [counted("x"), counted("y")] }]);
    await log.append([{ stream: "a", expectedVersion: 2, events: [counted("z")] }]);
    expect(
      (await log.getEvents("a")).map(event => [event.version, event.data.by, event.aggregateId, event.timestamp]),
    ).toEqual([
      [1, "x", "a", "2026-01-01T00:00:00.000Z"],
      [2, "y", "a", "2026-01-01T00:00:00.000Z"],
      [3, "z", "a", "2026-01-01T00:00:00.000Z"],
    ]);
    expect((await log.getEvents("a", 1)).map(event => event.data.by)).toEqual(["y", "z"]);
    expect(await log.getEvents("b")).toEqual([]);
  });

  test("of twenty writers at one version exactly one wins, and the others are told", async () => {
    const log = await openLog();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        log.append([{ stream: "a", expectedVersion: 0, events: [counted(String(index))] }]),
      ),
    );
    expect(outcomes.filter(outcome => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(VersionConflict);
    expect(await log.getEvents("a")).toHaveLength(1);
  });

  test("two logs over one store race for positions and leave no gap", async () => {
    const store = openOnce(await temporaryStore());
    const [one, two] = [await openLog(store), await openLog(store)];
    await Promise.all(
      [one, two].flatMap((log, writer) =>
        Array.from({ length: 25 }, (_, index) =>
          log.append([{ stream: `s-${writer}-${index}`, expectedVersion: 0, events: [counted("w")] }]),
        ),
      ),
    );
    expect((await one.read(0, 100)).map(commit => commit.position)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    expect(await one.head()).toBe(50);
    expect(await two.head()).toBe(50);
  });

  test("a repeated commit id returns the first commit and writes nothing", async () => {
    const log = await openLog();
    const append = () => log.append([{ stream: "a", expectedVersion: 0, events: [counted("x")] }], "same");
    const [first, second] = [await append(), await append()];
    expect(second).toEqual(first);
    expect(await log.head()).toBe(1);
  });

  test("refuses to leave a gap in a stream", async () => {
    const log = await openLog();
    await log.append([{ stream: "a", expectedVersion: 0, events: [counted("x")] }]);
    await expect(log.append([{ stream: "a", expectedVersion: 5, events: [counted("y")] }])).rejects.toBeInstanceOf(
      VersionConflict,
    );
    expect(await log.getEvents("a")).toHaveLength(1);
  });

  test("refuses a commit that appends twice to one stream", async () => {
    const log = await openLog();
    const twice = log.append([1, 2].map(() => ({ stream: "a", expectedVersion: 0, events: [counted("x")] })));
    await expect(twice).rejects.toThrow("once to each stream");
    expect(await log.head()).toBe(0);
  });

  test("loads a stream's state together with the version that an append to it is made at", async () => {
    const log = await openLog();
    await log.append([unwritten("a").append([counted("x"), counted("y")])]);
    const seen = await log.load(word, "a");
    expect([seen.state, seen.version]).toEqual(["xy", 2]);
    await log.append([seen.append([counted("z")])]);
    expect(await log.loadOn(word, seen)).toMatchObject({ state: "xyz", version: 3 });
    await expect(log.append([seen.append([counted("late")])])).rejects.toBeInstanceOf(VersionConflict);
  });

  test("commits to several streams or, when one of them moved on, to none", async () => {
    const log = await openLog();
    await log.append([{ stream: "b", expectedVersion: 0, events: [counted("first")] }]);
    const both = log.append([
      { stream: "a", expectedVersion: 0, events: [counted("x")] },
      { stream: "b", expectedVersion: 0, events: [counted("x")] },
    ]);
    await expect(both).rejects.toBeInstanceOf(VersionConflict);
    expect(await log.getEvents("a")).toEqual([]);
    await log.append([
      { stream: "a", expectedVersion: 0, events: [counted("y")] },
      { stream: "b", expectedVersion: 1, events: [counted("y")] },
    ]);
    expect((await log.getEvents("b")).map(event => event.data.by)).toEqual(["first", "y"]);
    expect((await log.read(1, 10)).map(commit => commit.events.length)).toEqual([2]);
  });
});

// Snapshots of long streams: where reading begins, and nothing that is believed over the log.
import { CommandHandler } from "../../lib/events/command-handler";
import { EventStore } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import type { SnapshotDocument } from "../../lib/events/snapshots";
import type { Aggregate } from "../../lib/events/unit-of-work";
import type { Store } from "../../lib/store/store";
import { type Around, aroundStore, openOnce } from "../helpers/around-store";
import { eventually } from "../helpers/eventually";
import { temporaryStore } from "../helpers/store";
import { counted, type Schemas } from "../helpers/words";

const now = () => new Date("2026-01-01T00:00:00Z");
const LENGTH = 1000;

interface Tally {
  length: number;
  last: string;
}
const tallyOf = (schema: number): Aggregate<Schemas, Tally> => ({
  initial: { length: 0, last: "" },
  evolve: ({ length }, { data }) => ({ length: length + 1, last: data.by }),
  snapshots: { name: "tally", schema },
});
const tally = tallyOf(1);

/** A process that remembers nothing yet, and how many events it has read. */
const start = async (store: Store) => {
  let read = 0;
  const around: Around = async ({ on, method }, work) => {
    const answer = await work();
    if (on === "log" && method === "stream")
      read += (answer as { events: object[] }[]).flatMap(one => one.events).length;
    return answer;
  };
  const log = await EventStore.open<Schemas>(aroundStore(store, around), now);
  const load = async (kind = tally) => {
    read = 0;
    const { state } = await new CommandHandler(log).load(kind, "a");
    return { ...state, read };
  };
  return { log, load, handler: new CommandHandler(log) };
};

/** A stream of so many events, ten to a commit. */
const longStream = async (by: string, length = LENGTH) => {
  const store = openOnce(await temporaryStore());
  const { log } = await start(store);
  let stream = await log.load(tally, "a");
  for (let version = 0; version < length; version += 10) {
    await log.append([stream.append(Array.from({ length: 10 }, () => counted(by)))]);
    stream = (await log.loadOn(tally, stream)) ?? stream;
  }
  return store;
};

const snapshotsIn = (store: Store) => store.collection<SnapshotDocument>("snapshots");
/** When there is one, of this version or a later one. */
const kept = (store: Store, version = 1) =>
  eventually("a snapshot is there", async () => {
    const [snapshot] = await (await snapshotsIn(store)).find();
    return snapshot && snapshot.version >= version && snapshot;
  });

test("a long stream is read once, and from then on its end only", async () => {
  const store = await longStream("x");
  expect(await (await start(store)).load()).toEqual({ length: LENGTH, last: "x", read: LENGTH });
  await kept(store);
  const { log, load } = await start(store);
  expect(await load()).toEqual({ length: LENGTH, last: "x", read: 10 });
  await log.append([(await log.load(tally, "a")).append([counted("y")])]);
  expect(await load()).toEqual({ length: LENGTH + 1, last: "y", read: 11 });
});

test("a stream that grows by commands is never read from far", async () => {
  const store = openOnce(await temporaryStore());
  const { handler } = await start(store);
  for (let index = 0; index < 110; index += 1) await handler.change(tally, "a", () => [counted("x")]);
  await kept(store, 108);
  expect(await (await start(store)).load()).toEqual({ length: 110, last: "x", read: 3 });
});

test("a short stream has none, nor has one of a kind without them", async () => {
  const store = await longStream("x", 10);
  const { load, log } = await start(store);
  await load();
  const { snapshots: _, ...plain } = tally;
  await log.append([unwritten("b").append(Array.from({ length: 500 }, () => counted("x")))]);
  expect((await new CommandHandler(log).load(plain, "b")).state.length).toBe(500);
  expect(await (await snapshotsIn(store)).count()).toBe(0);
});

describe("a snapshot that is not to be believed", () => {
  /** A long stream, and its snapshot with something else in it. */
  const changed = async (change: Partial<SnapshotDocument>) => {
    const store = await longStream("x");
    await (await start(store)).load();
    const { _id } = await kept(store);
    await (await snapshotsIn(store)).update({ _id }, { $set: change });
    return store;
  };

  test.each<[string, Partial<SnapshotDocument>]>([
    ["it is from a commit that the log does not have", { commit: "another", state: { length: 7, last: "z" } }],
    ["it is ahead of the log, as of one that was restored", { version: 5000, state: { length: 5000, last: "z" } }],
    ["no event can be applied to it", { version: LENGTH - 1, state: null }],
  ])("because %s, is replaced", async (_why, change) => {
    const store = await changed(change);
    const whole = { length: LENGTH, last: "x" };
    expect(await (await start(store)).load()).toMatchObject(whole);
    await eventually("it is replaced", async () => {
      const { version, commit } = await kept(store);
      return version === LENGTH && commit !== change.commit;
    });
    expect(await (await start(store)).load()).toEqual({ ...whole, read: 10 });
  });

  test("because events count otherwise now", async () => {
    const store = await changed({});
    const doubled: Aggregate<Schemas, Tally> = {
      ...tallyOf(2),
      evolve: ({ length }, { data }) => ({ length: length + 2, last: data.by }),
    };
    expect((await (await start(store)).load(doubled)).length).toBe(2 * LENGTH);
  });

  test("because it cannot be read", async () => {
    const store = await changed({});
    const failing = aroundStore(store, ({ on, method }, work) =>
      on === "snapshots" && method === "get" ? Promise.reject(new Error("Damaged.")) : work(),
    );
    expect(await (await start(failing)).load()).toEqual({ length: LENGTH, last: "x", read: LENGTH });
  });
});

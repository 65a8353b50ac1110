// A log that an earlier release has written in MongoDB is carried over when it is opened: whoever opens it, however
// often he dies over it.
import type { Collection } from "mongodb";
import { messageOf, StartupError } from "../../lib/errors";
import { disorderIn, draft, event } from "../helpers/log-drafts";
import { LogDatabase } from "../helpers/mongo-log";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

/** More than are copied at once. */
const COMMITS = 450;
const ID = "6f1c0b57-6f0a-4f60-8d3b-2b8f7a3c1a11";

interface Earlier {
  _id: number;
  commitId: string;
  keys: string[];
  streams: string[];
  events: object[];
  metadata?: object;
}

/** As an earlier release wrote it: each commit to a stream of its own, every tenth also to one that all share. */
const earlierCommit = (position: number): Earlier => {
  const own = `own-${position}`;
  const shared = position % 10 === 0 ? [event("shared", position / 10)] : [];
  const events = [event(own, 1, { position }), ...shared];
  return {
    _id: position,
    commitId: `commit-${position}`,
    keys: events.map(({ aggregateId, version }) => `${aggregateId}:${version}`),
    streams: events.map(({ aggregateId }) => aggregateId),
    events,
    ...(position % 2 ? { metadata: { requestId: `request-${position}` } } : {}),
  };
};

describeWithMongo(`a log of an earlier release, on ${MONGO}`, () => {
  let server: Server;
  let database: LogDatabase;
  let earlier: Collection<Earlier>;

  beforeAll(async () => {
    server = await startMongo();
  });
  beforeEach(async () => {
    jest.spyOn(process, "emitWarning").mockImplementation();
    database = await LogDatabase.connect(server.url);
    earlier = database.db.collection<Earlier>("log");
    await earlier.createIndex({ keys: 1 }, { unique: true });
    await earlier.createIndex({ streams: 1 });
    await earlier.insertOne({ _id: -1, commitId: ID, keys: ["log"], streams: [], events: [] });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await database.remove();
  });
  afterAll(async () => {
    await server?.stop();
  });

  const fill = (count = COMMITS) =>
    earlier.insertMany(Array.from({ length: count }, (_, index) => earlierCommit(index + 1)));

  const expectWhole = async (log: Awaited<ReturnType<LogDatabase["open"]>>, count = COMMITS) => {
    expect([log.id, await log.head()]).toEqual([ID, count]);
    const commits = await log.read(0, count + 10);
    expect(commits.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, index) => `commit-${index + 1}`));
    expect(disorderIn(commits, 0)).toEqual([]);
  };

  test("it keeps its id, positions, commits and streams, and goes on behind them", async () => {
    await fill();
    const log = await database.open();
    await expectWhole(log);
    expect(await log.read(10, 1)).toStrictEqual([
      { id: "commit-11", events: earlierCommit(11).events, metadata: { requestId: "request-11" }, position: 11 },
    ]);
    expect(await log.tip("shared")).toEqual({ version: 45, commit: "commit-450" });
    expect((await log.stream("shared", 30)).map(({ id }) => id)).toEqual(
      Array.from({ length: 15 }, (_, index) => `commit-${310 + 10 * index}`),
    );
    const next = { ...draft({ shared: 46 }), before: [{ stream: "shared", version: 45, commit: "commit-450" }] };
    await log.append(next);
    expect(await log.append({ ...draft({ other: 1 }), id: "commit-3" })).toMatchObject({ position: 3 });
    const again = await database.open();
    expect([again.id, await again.at(COMMITS + 1), await again.head()]).toEqual([ID, next.id, COMMITS + 1]);
    expect(await again.tip("shared")).toEqual({ version: 46, commit: next.id });
  });

  test("three processes that open it at once carry it over once", async () => {
    await fill();
    const logs = await Promise.all(Array.from({ length: 3 }, () => database.open({ jitterMs: 5 })));
    for (const log of logs) await expectWhole(log);
    await Promise.all(logs.map((log, n) => log.append(draft({ [`after-${n}`]: 1 }))));
    expect(disorderIn((await logs[0]?.read(0, 2000)) ?? [], 0)).toEqual([]);
  });

  test("a process that dies over it, at whichever call, leaves what the next one goes on with", async () => {
    await fill();
    const commits = database.db.collection<{ _id: number }>("commits");
    let deaths = 0;
    for (; ; deaths += 1) {
      try {
        await database.open({ dyingAfter: deaths });
        break;
      } catch (error) {
        expect(messageOf(error)).toContain("This process is dead.");
      }
      // And in the middle of a call: not all of what it wrote last is there.
      if (!(await commits.findOne({ _id: 0 }))) await commits.deleteMany({ rank: { $mod: [7, deaths % 7] } });
    }
    expect(deaths).toBeGreaterThan(10);
    await expectWhole(await database.open());
  });

  test("two commits that had one id are both there", async () => {
    await fill(3);
    await earlier.insertOne({ ...earlierCommit(4), commitId: "commit-2" });
    const log = await database.open();
    expect([await log.at(2), await log.at(4), await log.head()]).toEqual(["commit-2", "commit-2@4", 4]);
    expect(disorderIn(await log.read(0, 10), 0)).toEqual([]);
  });

  test("one that lacks a commit is refused in words, and nothing goes on", async () => {
    await fill(9);
    await earlier.deleteOne({ _id: 5 });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const opening = database.open();
      await expect(opening).rejects.toThrow(StartupError);
      await expect(opening).rejects.toThrow(/cannot be carried over: of its commits 1 to 9, 1 are missing/);
    }
  });

  test("one that has no commit yet gives its id", async () => {
    const log = await database.open();
    expect([log.id, await log.head()]).toEqual([ID, 0]);
  });

  test("a process of the earlier release that still runs is refused from then on, and not forgotten", async () => {
    await fill(3);
    const log = await database.open();
    await expect(earlier.insertOne(earlierCommit(4))).rejects.toThrow("failed validation");
    await log.append(draft({ a: 1 }));
    expect(await log.head()).toBe(4);
    expect(await earlier.countDocuments({ _id: { $gt: 0 } })).toBe(3);
  });
});

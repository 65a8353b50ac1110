// What the log in MongoDB costs: commands for each thing asked of it, and no scan for any of them.
import type { CommandStartedEvent } from "mongodb";
import { AppendConflict } from "../../lib/store/log";
import { planIn } from "../../lib/store/mongo/mongo-plan";
import type { MongoLog } from "../../lib/store/mongo/mongo-log";
import { draft } from "../helpers/log-drafts";
import { LogDatabase } from "../helpers/mongo-log";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

describeWithMongo(`the log in MongoDB, on ${MONGO}`, () => {
  let server: Server;
  let database: LogDatabase;
  let log: MongoLog;
  let seen: CommandStartedEvent[] = [];

  beforeAll(async () => {
    server = await startMongo();
  });
  beforeEach(async () => {
    database = await LogDatabase.connect(server.url);
    log = await database.open();
    database.client.on("commandStarted", event => seen.push(event));
  });
  afterEach(async () => {
    await database.remove();
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** The commands that some work sends, when nothing else happens. */
  const costOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    await database.settle();
    seen = [];
    await work();
    return seen.map(({ commandName }) => commandName);
  };

  test("an append is one command, or two when something has to be there that was not seen a moment ago", async () => {
    const other = await database.open();
    const first = draft({ a: 1 });
    expect(await costOf(() => log.append(first))).toEqual(["insert"]);
    expect(await costOf(() => log.append(draft({ a: 2, b: 1 })))).toEqual(["insert"]);
    expect(await costOf(() => other.append(draft({ a: 3, b: 2 })))).toEqual(["find", "insert"]);
    expect(await costOf(() => log.tip("a"))).toEqual(["find"]);
    expect(await costOf(() => log.append(draft({ a: 4 })))).toEqual(["insert"]);
    expect(await costOf(() => log.append(first))).toEqual(["insert", "find"]);
  });

  test("what was seen is looked up again after a second: the log may be another one by then", async () => {
    await log.append(draft({ a: 1 }));
    await log.append(draft({ b: 1 }));
    await database.db.collection("commits").deleteMany({ streams: "a" });
    const now = performance.now() + 1000;
    jest.spyOn(performance, "now").mockImplementation(() => now);
    await expect(log.append(draft({ a: 2 }))).rejects.toBeInstanceOf(AppendConflict);
    jest.restoreAllMocks();
  });

  test("where the log ends is known when this process has placed all that waited, and else one more look", async () => {
    await log.append(draft({ a: 1 }));
    seen = [];
    expect(await log.head()).toBe(1);
    expect(seen.map(({ commandName }) => commandName)).toEqual(["find", "update"]);
    expect(await costOf(() => log.head())).toEqual(["find", "find"]);
  });

  test("many commits are placed together, for all who ask meanwhile", async () => {
    const commands = await costOf(async () => {
      await Promise.all(Array.from({ length: 30 }, (_, n) => log.append(draft({ [`s${n}`]: 1 }))));
      await Promise.all(Array.from({ length: 30 }, () => log.at(30)));
      expect(await log.head()).toBe(30);
    });
    expect(commands.filter(name => name === "insert")).toHaveLength(30);
    // One round would do, and one more each time that the placing timer went off in between.
    expect(commands.filter(name => name === "update").length).toBeLessThan(15);
  });

  test("a stream's tip, a version's commit and what is new in a stream are one command each", async () => {
    for (let version = 1; version <= 40; version += 1) await log.append(draft({ a: version }));
    for (const ask of [
      () => log.tip("a"),
      () => log.commitAt("a", 7),
      () => log.stream("a", 0),
      () => log.stream("a", 38),
    ])
      expect(await costOf(ask)).toEqual(["find"]);
    expect(await costOf(() => log.read(0, 10))).toEqual(["find"]);
    expect(await costOf(() => log.at(0))).toEqual([]);
  });

  test("no question to the log reads all of it", async () => {
    for (let version = 1; version <= 40; version += 1) await log.append(draft({ a: version, [`b${version}`]: 1 }));
    await costOf(async () => {
      await database.open();
      await log.append(draft({ a: 41 }));
      await Promise.all([log.head(), log.read(3, 5), log.read(30, 20), log.at(7), log.at(99)]);
      await Promise.all([log.tip("a"), log.commitAt("a", 3), log.stream("b7", 0), log.stream("a", 38)]);
    });
    const asked = seen.filter(({ commandName }) => commandName === "find").map(({ command }) => command as Asked);
    const scans: unknown[] = [];
    for (const { find, filter, sort, limit } of asked) {
      const cursor = database.db
        .collection(find)
        .find(filter, { ...(sort ? { sort } : {}), ...(limit ? { limit } : {}) });
      const plan = planIn((await cursor.explain("queryPlanner")).queryPlanner, { query: filter });
      if (plan.scans || plan.indexes.length === 0) scans.push({ filter, plan });
    }
    expect(asked.length).toBeGreaterThan(10);
    expect(scans).toEqual([]);
  });
});

interface Asked {
  readonly find: string;
  readonly filter: Record<string, unknown>;
  readonly sort?: Record<string, 1 | -1>;
  readonly limit?: number;
}

// What only the store for MongoDB has: several writers of one log, a connection shared by all stores of a process,
// databases by prefix.
import { randomBytes } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { MongoClient } from "mongodb";
import { object } from "../../lib/contract";
import { EventStore, VersionConflict } from "../../lib/events/event-store";
import { type Store, StoreUnavailable } from "../../lib/store/store";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const schemas = { Counted: object({ by: Type.String() }) };
const counted = (by: string) => ({ type: "Counted" as const, data: { by } });
const now = () => new Date("2026-01-01T00:00:00Z");
const TIMEOUT = 5000;

describeWithMongo(`the store for MongoDB, on ${MONGO}`, () => {
  let server: Server;
  let client: MongoClient;
  let service: string;
  const stores = new Set<Store>();

  beforeAll(async () => {
    server = await startMongo();
    client = await new MongoClient(server.url).connect();
  });
  beforeEach(() => {
    service = `test_${randomBytes(4).toString("hex")}`;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([...stores].map(store => store.close()));
    stores.clear();
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.endsWith(service)) await client.db(name).dropDatabase();
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const openStore = async (url = server.url): Promise<Store> => {
    const store = await openMongoStore(url, service, TIMEOUT);
    stores.add(store);
    return store;
  };
  /** As another process has it: a log of its own over a store of its own. */
  const openLog = async () => EventStore.open<typeof schemas>(await openStore(), now);

  test("of twenty writers at one version, in two processes, exactly one wins, and the others are told", async () => {
    const logs = [await openLog(), await openLog()] as const;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, index) =>
        logs[index % 2 ? 1 : 0].append([{ stream: "a", expectedVersion: 0, events: [counted(String(index))] }]),
      ),
    );
    expect(outcomes.filter(outcome => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(VersionConflict);
    expect(await logs[0].getEvents("a")).toHaveLength(1);
    expect(await logs[1].getEvents("a")).toHaveLength(1);
  });

  test("two processes race for positions and leave no gap", async () => {
    const [one, two] = [await openLog(), await openLog()];
    const append = async (log: typeof one, stream: string) =>
      log.append([{ stream, expectedVersion: 0, events: [counted(stream)] }]);
    const commits = await Promise.all(
      Array.from({ length: 25 }, (_, index) => [append(one, `one-${index}`), append(two, `two-${index}`)]).flat(),
    );
    const placed = await one.read(0, 100);
    expect(placed.map(({ position }) => position)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(placed.map(({ id }) => id).sort()).toEqual(commits.map(({ id }) => id).sort());
    expect([await one.head(), await two.head()]).toEqual([50, 50]);
  });

  test("a commit that overlaps another in one of its streams writes none of its events", async () => {
    const [one, two] = [await openLog(), await openLog()];
    await one.append([{ stream: "a", expectedVersion: 0, events: [counted("one")] }]);
    const both = ["b", "a"].map(stream => ({ stream, expectedVersion: 0, events: [counted("two")] }));
    await expect(two.append(both)).rejects.toBeInstanceOf(VersionConflict);
    expect(await two.getEvents("b")).toEqual([]);
  });

  const CLOSED =
    "a closed store refuses every call, closing it again does nothing, and the other stores of the process go on";
  test(CLOSED, async () => {
    const [closed, open] = [await openStore(), await openStore()];
    const items = await closed.collection<{ _id: string }>("items");
    await closed.close();
    await closed.close();
    for (const call of [items.get("a"), items.insert({ _id: "a" }), closed.ping()])
      await expect(call).rejects.toThrow(new StoreUnavailable("The store is closed."));
    await open.ping();
    expect(await (await open.collection("items")).count()).toBe(0);
  });

  test("the stores of a process share one client, and the last of them closes it", async () => {
    const [connect, close] = [jest.spyOn(MongoClient.prototype, "connect"), jest.spyOn(MongoClient.prototype, "close")];
    const [first, ...others] = await Promise.all(Array.from({ length: 6 }, async () => openStore()));
    for (const store of others) await store.close();
    await first?.ping();
    expect([connect.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
    await first?.close();
    expect(close).toHaveBeenCalledTimes(1);
    await (await openStore()).ping();
    expect(connect).toHaveBeenCalledTimes(2);
  });

  test("every service has a database of its own, named after the path of the URL", async () => {
    const [host, options = ""] = server.url.split("?");
    const base = /^mongodb(?:\+srv)?:\/\/[^/]+/.exec(host ?? "")?.[0] ?? "";
    const inShop = await (await openStore(`${base}/shop7?${options}`)).collection("items");
    const inDefault = await (await openStore(`${base}/?${options}`)).collection("items");
    await inShop.insert({ _id: "a" });
    expect(await inDefault.count()).toBe(0);
    expect(await client.db(`shop7_${service}`).collection("items").countDocuments()).toBe(1);
  });
});

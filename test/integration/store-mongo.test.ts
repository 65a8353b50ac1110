// What only the store for MongoDB has: a connection shared by all stores of a process, databases by prefix, and indexes
// that an earlier release has left behind.
import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import { DuplicateKey, type Index, type Store, StoreUnavailable } from "../../lib/store/store";
import { StartupError } from "../../lib/errors";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

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

  test("indexes that are declared otherwise by now are made anew, also by several processes at once", async () => {
    await (await (await openStore()).collection("items")).insert({ _id: "first" });
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    const raw = client
      .db(databases.find(({ name }) => name.endsWith(service))?.name)
      .collection<{ _id: string; a?: number; b?: number }>("items");
    await raw.createIndex({ a: 1 });
    await raw.createIndex({ b: 1 }, { unique: true, name: "of-an-earlier-release" });
    for (let n = 0; n < 3; n += 1) await raw.insertOne({ _id: `${n}`, a: n, b: n });
    const indexes: Index[] = [{ fields: ["b", "-a"] }, { fields: ["a"], unique: true }];
    const opened = await Promise.all(
      Array.from({ length: 3 }, async () => (await openStore()).collection("items", { indexes })),
    );
    const keys = (await raw.indexes()).map(({ key, unique = false }) => [Object.entries(key).flat().join(" "), unique]);
    expect(Object.fromEntries(keys)).toEqual({ "_id 1": false, "a 1": true, "b 1 a -1": false });
    await expect(opened[0]?.insert({ _id: "x", a: 1 } as never)).rejects.toBeInstanceOf(DuplicateKey);
  });

  test("an index that the documents do not allow ends the start with a sentence that names it", async () => {
    const items = await (await openStore()).collection<{ _id: string; a: number }>("items");
    for (const _id of ["x", "y"]) await items.insert({ _id, a: 1 });
    const opening = (await openStore()).collection("items", { indexes: [{ fields: ["a"], unique: true }] });
    await expect(opening).rejects.toThrow(StartupError);
    await expect(opening).rejects.toThrow(`${service}.items on a cannot be made: `);
  });
});

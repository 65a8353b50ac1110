// One suite for both stores: whatever a service may rely on holds on SQLite and on MongoDB.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../lib/store/open-store";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";
import { logScenarios } from "./log-scenarios";
import { type Database, storeScenarios } from "./store-scenarios";

describe("the store for one machine", () => {
  const inFolder = (): Database => {
    const dataDir = mkdtempSync(join(tmpdir(), "jangteo-store-"));
    return {
      open: () => openStore("test", { DATA_DIR: dataDir }),
      remove: async () => rmSync(dataDir, { recursive: true }),
    };
  };
  const database = inFolder();
  const logDatabase = inFolder();
  describe(
    "has a log that holds what every log promises",
    logScenarios(() => logDatabase),
  );
  describe(
    "holds what every store promises",
    storeScenarios(() => database),
  );
});

describeWithMongo(`the store for MongoDB, on ${MONGO}`, () => {
  let server: Server;
  const database: Database = {
    open: () => openStore("test", { MONGO_URL: server.url, STORE_TIMEOUT_MS: "5000" }),
    remove: async () => server.stop(),
  };

  beforeAll(async () => {
    server = await startMongo();
  });
  describe(
    "holds what every store promises",
    storeScenarios(() => database),
  );

  test("a server that is not there ends the start with a sentence that names it without the password", async () => {
    const before = Date.now();
    await expect(openMongoStore("mongodb://shop:secret@127.0.0.1:1/", "orders", 500)).rejects.toThrow(
      /^MongoDB at 127\.0\.0\.1:1 does not answer: (?!.*secret)/,
    );
    expect(Date.now() - before).toBeLessThan(10_000);
  });
});

test("a folder that is open twice in one process stays writable when one of them closes", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "jangteo-store-"));
  const [one, two] = [await openStore("test", { DATA_DIR: dataDir }), await openStore("test", { DATA_DIR: dataDir })];
  const items = await two.collection<{ _id: string }>("items");
  await one.close();
  await items.insert({ _id: "a" });
  expect(await items.get("a")).toEqual({ _id: "a" });
  await two.close();
  rmSync(dataDir, { recursive: true });
});

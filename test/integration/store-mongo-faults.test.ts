// SecantusDB, which speaks MongoDB's protocol, stopped, killed and restarted: calls end in bounded time, nothing
// acknowledged is lost, and the store goes on by itself.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Collection, type Store, StoreUnavailable } from "../../lib/store/store";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { within } from "../../lib/store/mongo/mongo-client";
import { disorderIn, draft } from "../helpers/log-drafts";
import { describeWithMongoProcess, type ServerProcess, startMongoProcess } from "../servers";

interface Item {
  _id: string;
  n: number;
}

describeWithMongoProcess("the store for MongoDB, on SecantusDB", () => {
  const TIMEOUT = 1000;
  /** Writes before the server dies, and after it is back. */
  const ENOUGH = 25;
  let folder: string;
  let server: ServerProcess;
  let store: Store;
  let items: Collection<Item>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "jangteo-faults-"));
    server = await startMongoProcess({ folder });
    store = await openMongoStore(server.url, "faults", TIMEOUT);
    items = await store.collection<Item>("items");
  });
  afterEach(async () => {
    await store?.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Repeats until it no longer fails, as the callers of a store do. */
  const eventually = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (let left = 40; ; left -= 1) {
      try {
        return await attempt();
      } catch (error) {
        if (left === 0 || !(error instanceof StoreUnavailable)) throw error;
        await sleep(250);
      }
    }
  };

  test("while the server is stopped every call fails in bounded time, and afterwards the store goes on", async () => {
    await items.insert({ _id: "a", n: 1 });
    server.pause();
    const update = () => items.update({ _id: "a" }, { $inc: { n: 1 } });
    const insert = () => items.insert({ _id: "b", n: 1 });
    for (const call of [insert, () => items.get("a"), () => items.find(), update, () => store.ping()]) {
      const before = Date.now();
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
      // Of the driver's own limits, one after the other would be thirty.
      expect(Date.now() - before).toBeLessThan(10_000);
    }
    server.resume();
    expect(await eventually(() => items.get("a"))).toMatchObject({ _id: "a" });
    await eventually(() => store.ping());
  });

  test("after kill -9 and a restart every acknowledged write is there, and the store goes on by itself", async () => {
    const acknowledged: string[] = [];
    const phase = { running: true };
    const write = async (_: unknown, writer: number) => {
      for (let n = 0; phase.running; n += 1) {
        try {
          await items.insert({ _id: `${writer}-${n}`, n });
          acknowledged.push(`${writer}-${n}`);
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
          await sleep(50);
        }
      }
    };
    const writers = Array.from({ length: 5 }, write);
    while (acknowledged.length < ENOUGH) await sleep(10);
    await server.kill9();
    await sleep(300);
    server = await startMongoProcess({ folder, port: server.port });
    const before = acknowledged.length;
    await eventually(() => store.ping());
    while (acknowledged.length < before + ENOUGH) await sleep(10);
    phase.running = false;
    await Promise.all(writers);
    const found = new Set((await items.find()).map(({ _id }) => _id));
    for (const id of acknowledged) expect(found).toContain(id);
  });

  const REPEATED =
    "appends that are repeated over kill -9 and restarts until they are known are written once, without gaps";
  test(REPEATED, async () => {
    const log = await store.log();
    const phase = { running: true };
    const acknowledged: string[] = [];
    const write = async (_: unknown, writer: number) => {
      for (let version = 1; phase.running; version += 1) {
        const commit = draft({ [`writer-${writer}`]: version });
        const written = await eventually(() => log.append(commit));
        acknowledged.push(written.id);
      }
    };
    const writers = Array.from({ length: 5 }, write);
    for (let kill = 0; kill < 2; kill += 1) {
      const before = acknowledged.length;
      while (acknowledged.length < before + ENOUGH) await sleep(10);
      await server.kill9();
      await sleep(300);
      server = await startMongoProcess({ folder, port: server.port });
    }
    const before = acknowledged.length;
    while (acknowledged.length < before + ENOUGH) await sleep(10);
    phase.running = false;
    await Promise.all(writers);
    const commits = await eventually(() => log.read(0, 10_000));
    expect(disorderIn(commits, 0)).toEqual([]);
    expect(commits.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
  });
});

test("a call that the driver never ends is ended all the same", async () => {
  await expect(within(50, new Promise(() => undefined))).rejects.toThrow(
    new StoreUnavailable("MongoDB did not answer within 50 ms."),
  );
});

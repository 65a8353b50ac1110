// Kills, torn and damaged files, full disks and stopped servers: what was acknowledged is there, and what fails says so.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { StartupError } from "../../lib/refusal";
import { type Collection, type Store, StoreUnavailable } from "../../lib/store";
import { openEmbeddedStore } from "../../lib/store-embedded";
import { openMongoStore } from "../../lib/store-mongo";
import { describeWithMongoProcess, type ServerProcess, startMongoProcess } from "../servers";

interface Item {
  _id: string;
  text: string;
}

const KILLS = 8;
const item = (_id: string): Item => ({ _id, text: "x".repeat(2000) });

let folder: string;
const openStores = new Set<Store>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jangteo-faults-"));
});
afterEach(async () => {
  for (const store of openStores) await store.close();
  openStores.clear();
  rmSync(folder, { recursive: true });
});

const open = async (): Promise<Collection<Item>> => {
  const store = await openEmbeddedStore(folder);
  openStores.add(store);
  return store.collection<Item>("items");
};

const close = async (): Promise<void> => {
  for (const store of openStores) await store.close();
  openStores.clear();
};

const idsIn = async (items: Collection<Item>) => (await items.find({ sort: ["_id"] })).map(({ _id }) => _id);

const threeItems = async (): Promise<string> => {
  const items = await open();
  for (const id of ["a", "b", "c"]) await items.insert(item(id));
  await close();
  return join(folder, "items.db");
};

/** Writes for ever: a new document, then a change of the one document that it counts in; says what is done. */
const WRITER = `
  const { writeSync } = require("node:fs");
  const { openEmbeddedStore } = require("./dist/lib/store-embedded.js");
  (async () => {
    const items = await (await openEmbeddedStore(process.argv[1])).collection("items");
    const counters = await items.get("counter") ?? (await items.insert({ _id: "counter", text: "", writes: 0 }), { writes: 0 });
    for (let n = counters.writes + 1; ; n += 1) {
      if (n % 10 === 0) await items.insert({ _id: "item" + n, text: "x".repeat(2000) });
      await items.update({ _id: "counter" }, { $set: { writes: n } });
      writeSync(1, n + "\\n");
    }
  })();
`;

/** Runs the writer and kills it after some milliseconds; the last write that it said was done. */
const writeAndKill = async (milliseconds: number): Promise<number> => {
  const writer = spawn(process.execPath, ["-e", WRITER, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let last = 0;
  const lines = createInterface(writer.stdout).on("line", line => (last = Number(line)));
  const closed = once(lines, "close");
  await Promise.race([once(lines, "line"), closed]);
  await sleep(milliseconds);
  expect(writer.kill("SIGKILL")).toBe(true);
  await closed;
  return last;
};

describe("embedded store", () => {
  test(`after each of ${KILLS} kills of the writer, in the middle of writes and compactions, every acknowledged write is there`, async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const last = await writeAndKill(100 + 900 * Math.random());
      const items = await open();
      const counter: Item & { writes?: number } = (await items.get("counter")) ?? item("");
      expect(counter.writes).toBeGreaterThanOrEqual(last);
      expect(counter.writes).toBeLessThanOrEqual(last + 1);
      const found = new Set(await idsIn(items));
      for (let n = 10; n <= last; n += 10) expect(found).toContain(`item${n}`);
      await close();
    }
  });

  test("a second store on the same folder is refused", async () => {
    await open();
    await expect(openEmbeddedStore(folder)).rejects.toThrow(StartupError);
  });

  test("a torn tail is cut off with a warning, and nothing else is lost", async () => {
    const path = await threeItems();
    const whole = readFileSync(path, "utf8");
    for (const torn of [1, 12, whole.indexOf("\n")]) {
      appendFileSync(path, whole.slice(0, torn));
      const warned = once(process, "warning");
      const items = await open();
      expect(await warned).toMatchObject([{ code: "STORE_TORN_TAIL", message: expect.stringContaining(`${path} ended in ${torn} bytes`) }]);
      expect(await idsIn(items)).toEqual(["a", "b", "c"]);
      await close();
      expect(readFileSync(path, "utf8")).toBe(whole);
    }
  });

  test.each([
    ["a byte in a text", (whole: string) => whole.replace("xxxx\"}\n", "xxxX\"}\n"), 1],
    ["a letter in a field name", (whole: string) => whole.replace("\"_id\":\"b\"", "\"_iD\":\"b\""), 2],
    ["a lost line end", (whole: string) => whole.replace("\n", " "), 1],
    ["a damaged line before a torn tail", (whole: string) => `${whole.replace("\"_id\":\"c\"", "\"_id\":\"d\"")}torn`, 3],
  ])("damage is refused with file and line, and the file stays as it is: %s", async (_, damage, line) => {
    const path = await threeItems();
    const damaged = damage(readFileSync(path, "utf8"));
    writeFileSync(path, damaged);
    const opening = open();
    await expect(opening).rejects.toThrow(StartupError);
    await expect(opening).rejects.toThrow(`${path} is damaged at line ${line}:`);
    expect(readFileSync(path, "utf8")).toBe(damaged);
  });

  /** Runs `script` in a process whose files may not grow over 64 KiB (POSIX counts blocks of 512 bytes); its last line is JSON. */
  const withFileLimit = <T>(script: string): T => {
    const program = `
      const { openEmbeddedStore } = require("./dist/lib/store-embedded.js");
      const item = (id, length = 2000) => ({ _id: id, text: "x".repeat(length) });
      const refusalOf = promise => promise.then(() => "none", error => error.name);
      (async () => {
        const store = await openEmbeddedStore(process.argv[1]);
        const items = await store.collection("items");
        ${script}
        await store.close();
        process.stdout.write(JSON.stringify(result));
      })();`;
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", 'ulimit -f 128; exec "$0" -e "$1" "$2"', process.execPath, program, folder], { encoding: "utf8", timeout: 30_000 });
    if (!stdout) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };

  test("a write that the disk has no room for is refused, and the store serves exactly what was acknowledged", async () => {
    const { acknowledged, refusal, afterwards, again, ping, small } = withFileLimit<{ acknowledged: string[]; refusal: string; afterwards: string[]; again: string; ping: string; small: string }>(`
      const acknowledged = [];
      let refusal = "none";
      while (refusal === "none") {
        const id = "item" + String(acknowledged.length).padStart(3, "0");
        refusal = await refusalOf(items.insert(item(id)));
        if (refusal === "none") acknowledged.push(id);
      }
      const afterwards = (await items.find({ sort: ["_id"] })).map(({ _id }) => _id);
      const again = await refusalOf(items.insert(item("again")));
      await new Promise(resolve => setTimeout(resolve, 1100));
      const ping = await refusalOf(store.ping());
      await items.remove("item000");
      const small = await refusalOf(items.insert(item("small", 10)));
      const result = { acknowledged, refusal, afterwards, again, ping, small };`);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect({ refusal, again, ping, small }).toEqual({ refusal: "StoreUnavailable", again: "StoreUnavailable", ping: "none", small: "none" });
    expect(afterwards).toEqual(acknowledged);
    expect(await idsIn(await open())).toEqual([...acknowledged.slice(1), "small"]);
  });

  test("whatever runs beside a failed write sees nothing of it", async () => {
    const { outcomes, reads } = withFileLimit<{ outcomes: [string, string][]; reads: (string | boolean)[] }>(`
      const writes = Array.from({ length: 60 }, async (_, n) => ["item" + n, await refusalOf(items.insert(item("item" + n)))]);
      const reads = Array.from({ length: 60 }, (_, n) => items.get("item" + n).then(found => found !== null, error => error.name));
      const result = { outcomes: await Promise.all(writes), reads: await Promise.all(reads) };`);
    const found = await idsIn(await open());
    const acknowledged = outcomes.filter(([, refusal]) => refusal === "none").map(([id]) => id);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(outcomes.some(([, refusal]) => refusal === "StoreUnavailable")).toBe(true);
    for (const id of acknowledged) expect(found).toContain(id);
    for (const [index, [id]] of outcomes.entries()) if (reads[index] === true) expect(found).toContain(id);
  });

  test("a file that outgrew the disk by rewriting shrinks again and goes on", async () => {
    const { refusals, last } = withFileLimit<{ refusals: number; last: number }>(`
      await items.insert({ _id: "counter", text: "", writes: 0 });
      let refusals = 0;
      for (let n = 0; n < 4000; n += 1) {
        if (await refusalOf(items.update({ _id: "counter" }, { $inc: { writes: 1 } })) === "none") continue;
        refusals += 1;
        await new Promise(resolve => setTimeout(resolve, 1100));
      }
      const result = { refusals, last: (await items.get("counter")).writes };`);
    expect(refusals).toBeGreaterThan(1);
    expect(last).toBe(4000 - refusals);
  });
});

describeWithMongoProcess("MongoDB store", () => {
  const TIMEOUT = 1000;
  let server: ServerProcess;
  let store: Store;
  let items: Collection<Item>;

  beforeEach(async () => {
    server = await startMongoProcess({ folder });
    store = await openMongoStore(server.url, "faults", TIMEOUT);
    items = await store.collection<Item>("items");
  });
  afterEach(async () => {
    await store?.close();
    await server?.stop();
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
    await items.insert(item("a"));
    server.pause();
    for (const call of [() => items.insert(item("b")), () => items.get("a"), () => items.find(), () => items.update({ _id: "a" }, { $set: { text: "" } }), () => store.ping()]) {
      const before = Date.now();
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
      expect(Date.now() - before).toBeLessThan(2 * TIMEOUT + 1000);
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
          await items.insert(item(`${writer}-${n}`));
          acknowledged.push(`${writer}-${n}`);
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
          await sleep(50);
        }
      }
    };
    const writers = Array.from({ length: 5 }, write);
    await sleep(700);
    await server.kill9();
    await sleep(300);
    server = await startMongoProcess({ folder, port: server.port });
    const before = acknowledged.length;
    await eventually(() => store.ping());
    await sleep(1000);
    phase.running = false;
    await Promise.all(writers);
    expect(before).toBeGreaterThan(20);
    expect(acknowledged.length).toBeGreaterThan(before);
    const found = new Set(await idsIn(items));
    for (const id of acknowledged) expect(found).toContain(id);
  });
});

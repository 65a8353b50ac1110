// Writers of one SQLite file who wait: for a neighbour that stands still with the lock, and for each other's commits.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppendConflict } from "../../lib/store/log";
import { openSqliteStore } from "../../lib/store/sqlite/sqlite-store";
import { type Store, StoreUnavailable } from "../../lib/store/store";
import { temporaryFolder } from "../helpers/broker";
import { disorderIn, draft } from "../helpers/log-drafts";

const TIMEOUT_MS = 300;
const HOLDER = `
  const Sqlite = require("libsql");
  const database = new Sqlite(process.argv[1]);
  database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS held (one)");
  console.log("held");
  setTimeout(() => (database.exec("COMMIT"), database.close()), 50);
`;

let folder: string;
let file: string;
let store: Store;
let holder: ChildProcess | undefined;
beforeEach(async () => {
  folder = join(temporaryFolder(), "shop");
  file = join(folder, "shop.sqlite");
  store = await openSqliteStore(folder, { timeoutMs: TIMEOUT_MS, synchronous: "full" });
});
afterEach(async () => {
  if (holder?.exitCode === null && holder.signalCode === null) {
    const exit = once(holder, "exit");
    holder.kill("SIGKILL");
    await exit;
  }
  holder = undefined;
  await store.close();
});

/** A process that stands still in the middle of a write. */
const standStill = async (): Promise<ChildProcess> => {
  holder = spawn(process.execPath, ["-e", HOLDER, file], { stdio: ["ignore", "pipe", "inherit"] });
  if (holder.stdout) await once(holder.stdout, "data");
  holder.kill("SIGSTOP");
  return holder;
};

const endings = [
  ["goes on", "SIGCONT"],
  ["is killed", "SIGKILL"],
] as const;
test.each(endings)(
  "while a neighbour stands still with the lock, writes are refused; when it %s they go on",
  async (_, signal) => {
    const [log, items] = [await store.log(), await store.collection<{ _id: string }>("items")];
    await log.append(draft({ a: 1 }));
    const other = await standStill();
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    const refused = {
      name: "StoreUnavailable",
      nothingWritten: true,
      message: `${file} is kept busy by another process.`,
    };
    try {
      await expect(log.append(draft({ a: 2 }))).rejects.toMatchObject(refused);
      await expect(items.insert({ _id: "a" })).rejects.toMatchObject(refused);
      await expect(store.ping()).rejects.toThrow(StoreUnavailable);
    } finally {
      clearInterval(counting);
    }
    // A loop that is blocked until the lock is given up would have three.
    expect(turns).toBeGreaterThan(20);
    expect([await log.head(), await items.find()]).toEqual([1, []]);
    const exit = once(other, "exit");
    other.kill(signal);
    await exit;
    await log.append(draft({ a: 2 }));
    await items.insert({ _id: "a" });
    await store.ping();
    expect(await log.head()).toBe(2);
  },
);

/** Commits that the write-ahead log holds: each marks its last frame with the size of the database. */
const commitsIn = (wal: Buffer): number => {
  const [header, frame] = [32, 24 + wal.readUInt32BE(8)];
  let commits = 0;
  for (let at = header; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
};

test("appends that wait share commits to the disk, and a conflict is told only to the one that has it", async () => {
  const log = await store.log();
  await log.append(draft({ taken: 1 }));
  const before = commitsIn(readFileSync(`${file}-wal`));
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 200 }, (_, n) => log.append(draft({ [`s${n}`]: 1 }))),
    log.append(draft({ taken: 1, beside: 1 })),
  ]);
  const commits = commitsIn(readFileSync(`${file}-wal`)) - before;
  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(10);
  expect(outcomes.slice(0, -1).every(({ status }) => status === "fulfilled")).toBe(true);
  expect(outcomes.at(-1)).toEqual({ status: "rejected", reason: expect.any(AppendConflict) });
  expect(await log.tip("beside")).toBeNull();
  expect(disorderIn(await log.read(0, 1000), 0)).toEqual([]);
  expect(await log.head()).toBe(201);
});

// Processes that write to a SQLite store and are killed at random moments: nothing that they were told is lost.
// STORE_KILLS=1000 npx jest store-sqlite-kills kills as often.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "libsql";
import type { Store } from "../../lib/store/store";
import { temporaryFolder } from "../helpers/broker";
import { disorderIn, event } from "../helpers/log-drafts";
import { closeStore, temporaryStore } from "../helpers/store";
import { type Told, Writer } from "../helpers/store-writers";

const KILLS = Number(process.env.STORE_KILLS ?? 20);
const LONGEST_LIFE_MS = 60;
const TIMEOUT_MS = 120_000 + 5000 * KILLS;

let folder: string;
const told = () => join(folder, "told");
beforeEach(() => {
  folder = temporaryFolder();
});

/** What a store has against what a writer was told, from a position on; and the writes in doubt are done once more. */
const check = async (store: Store, { tried, acknowledged, documents }: Told, from: number) => {
  const log = await store.log();
  const commits = await log.read(from, 1_000_000);
  const positions = new Map(commits.map(({ id, position }) => [id, position]));
  const lost: string[] = [];
  for (const [id, position] of acknowledged) if ((await log.at(position)) !== id) lost.push(id);
  const items = await store.collection<{ _id: string; writes: number }>("items");
  const found = await items.find();
  const stale = found.filter(({ _id, writes }) => writes < (documents.get(_id) ?? 0));
  const repeated: string[] = [];
  for (const id of [...tried].filter(one => !acknowledged.has(one))) {
    const [stream = "", version] = id.split(":");
    const before = Number(version) > 1 ? [{ stream, version: Number(version) - 1 }] : [];
    const { position } = await log.append({ id, events: [event(stream, Number(version))], before });
    if (positions.has(id) && positions.get(id) !== position) repeated.push(id);
  }
  const all = await log.read(from, 1_000_000);
  const gaps = all.filter(({ position }, index) => position !== from + index + 1);
  return { wrong: { lost, stale, repeated, gaps }, head: await log.head() };
};
const NOTHING_WRONG = { lost: [], stale: [], repeated: [], gaps: [] };

/** SQLite's own opinion, and the order of all that was ever appended. */
const checkWhole = async (store: Store) => {
  const log = await store.log();
  const commits = await log.read(0, 10_000_000);
  const ids = new Set(commits.map(({ id }) => id));
  const database = new Sqlite(join(folder, "store", "store.sqlite"));
  const opinion = database.prepare("PRAGMA integrity_check").all([]);
  database.close();
  return { disorder: disorderIn(commits, 0), twice: commits.length - ids.size, opinion };
};
const WHOLE = { disorder: [], twice: 0, opinion: [{ integrity_check: "ok" }] };

test(
  "a process that is killed while it writes has lost nothing that it was told, and repeats find what is there",
  async () => {
    let from = 0;
    for (let kill = 0; kill < KILLS / 2; kill += 1) {
      const writer = await Writer.start(join(folder, "store"), "w", told());
      await sleep(LONGEST_LIFE_MS * Math.random());
      const killed = await writer.kill();
      // Nobody else had it open: whoever opens it next mends it.
      const store = await temporaryStore(join(folder, "store"));
      const { wrong, head } = await check(store, killed, from);
      expect(wrong).toEqual(NOTHING_WRONG);
      from = head;
      await closeStore(store);
    }
    const store = await temporaryStore(join(folder, "store"));
    expect(await checkWhole(store)).toEqual(WHOLE);
    expect(from).toBeGreaterThan(KILLS);
  },
  TIMEOUT_MS,
);

test(
  "of two processes that write one file the one goes on while the other is killed again and again",
  async () => {
    const store = await temporaryStore(join(folder, "store"));
    const stays = await Writer.start(join(folder, "store"), "stays", join(folder, "stays"));
    let from = 0;
    for (let kill = 0; kill < KILLS / 2; kill += 1) {
      const before = stays.progress();
      const writer = await Writer.start(join(folder, "store"), "w", told());
      await sleep(LONGEST_LIFE_MS * Math.random());
      const { wrong, head } = await check(store, await writer.kill(), from);
      expect(wrong).toEqual(NOTHING_WRONG);
      from = head;
      while (stays.progress() === before) await sleep(5);
    }
    expect((await check(store, await stays.kill(), 0)).wrong).toEqual(NOTHING_WRONG);
    expect(await checkWhole(store)).toEqual(WHOLE);
  },
  TIMEOUT_MS,
);

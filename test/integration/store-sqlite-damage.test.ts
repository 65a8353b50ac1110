// Files of a SQLite store that are damaged: refused in words, at the start or when it is met, and never answered from.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { StartupError } from "../../lib/errors";
import { type Document, type Store, StoreUnavailable } from "../../lib/store/store";
import { temporaryFolder } from "../helpers/broker";
import { draft } from "../helpers/log-drafts";
import { closeStore, temporaryStore } from "../helpers/store";

interface Item extends Document {
  _id: string;
  kind: string;
  text: string;
  version: number;
}

const PAGE = 4096;
const ITEMS = 60;
const COMMITS = 60;
const SHAPE = { indexes: [{ fields: ["kind", "_id"] as const }] };

let folder: string;
let path: string;
beforeEach(() => {
  folder = join(temporaryFolder(), "shop");
  path = join(folder, "shop.sqlite");
});

const itemOf = (n: number): Item => ({
  _id: `item${String(n).padStart(2, "0")}`,
  kind: `kind${n % 3}`,
  // Some of them are larger than a page.
  text: `${n}-`.repeat(n % 10 === 0 ? 2500 : 250),
  version: 1,
});
const all = Array.from({ length: ITEMS }, (_, n) => itemOf(n));

const itemsOf = (store: Store) => store.collection<Item>("items", SHAPE);

const fill = async (): Promise<void> => {
  const store = await temporaryStore(folder);
  const [items, log] = [await itemsOf(store), await store.log()];
  await Promise.all(all.map(item => items.insert(item)));
  for (let version = 1; version <= COMMITS / 2; version += 1)
    await Promise.all([
      log.append(draft({ a: version }, `a${version}`)),
      log.append(draft({ b: version }, `b${version}`)),
    ]);
  await closeStore(store);
};

/** Everything that there is to ask, each as a question of its own. */
const questions: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  find: async store => (await itemsOf(store)).find({ sort: ["_id"] }),
  indexed: async store => (await itemsOf(store)).find({ query: { kind: "kind1" }, sort: ["_id"] }),
  each: async store => {
    const items = await itemsOf(store);
    return Promise.all(all.map(({ _id }) => items.get(_id)));
  },
  count: async store => (await itemsOf(store)).count({ kind: "kind2" }),
  feed: async store => (await store.log()).read(0, 1000),
  pages: async store => {
    const log = await store.log();
    const commits: unknown[] = [];
    for (let page = await log.read(0, 7); page.length > 0; page = await log.read(commits.length, 7))
      commits.push(...page);
    return commits;
  },
  stream: async store => (await store.log()).stream("a", 0),
  end: async store => (await store.log()).stream("b", COMMITS / 2 - 5),
  head: async store => (await store.log()).head(),
  tip: async store => (await store.log()).tip("a"),
};

/** What each question is answered: what the store said, or `refused`, which is to name the file and what to do. */
const answers = async (): Promise<Record<string, unknown>> => {
  let store: Store;
  try {
    store = await temporaryStore(folder);
  } catch (error) {
    return Object.fromEntries(Object.keys(questions).map(name => [name, refusal(error)]));
  }
  const answered: Record<string, unknown> = {};
  for (const [name, ask] of Object.entries(questions)) answered[name] = await ask(store).catch(refusal);
  await closeStore(store);
  return answered;
};

const refusal = (error: unknown): unknown => {
  const isHonest = error instanceof StartupError || error instanceof StoreUnavailable;
  if (isHonest && error.message.startsWith(`${path} is damaged`) && error.message.includes("backup")) return "refused";
  return error;
};

/** Puts a damaged copy of a file in the place of the store, which is in another folder then. */
const spoil = (whole: Buffer, damage: (bytes: Buffer) => Buffer): void => {
  folder = join(temporaryFolder(), "shop");
  path = join(folder, "shop.sqlite");
  mkdirSync(folder);
  writeFileSync(path, damage(Buffer.from(whole)));
};

/** The same with a text that has become another one, wherever it is. */
const misspell = (text: string, other: string): void =>
  spoil(readFileSync(path), bytes => Buffer.from(bytes.toString("latin1").replaceAll(text, other), "latin1"));

/** Asks everything of a damaged copy: how often it was refused and answered rightly, and what else it said. */
const ask = async (whole: Buffer, right: Record<string, unknown>, damages: ((bytes: Buffer) => Buffer)[]) => {
  const told = { refused: 0, right: 0, wrong: [] as unknown[] };
  for (const [index, damage] of damages.entries()) {
    spoil(whole, damage);
    for (const [name, answer] of Object.entries(await answers()))
      if (answer === "refused") told.refused += 1;
      else if (JSON.stringify(answer) === JSON.stringify(right[name])) told.right += 1;
      else told.wrong.push([index, name, answer instanceof Error ? answer.message : answer]);
  }
  return told;
};

const filled = async () => {
  await fill();
  const [whole, right] = [readFileSync(path), await answers()];
  expect(whole.length).toBeGreaterThan(30 * PAGE);
  expect(right).toMatchObject({ find: all, head: COMMITS });
  return { whole, right, pages: Array.from({ length: whole.length / PAGE }, (_, page) => page) };
};

const ZEROED = "with any page of the file zeroed, whatever is asked is answered as it was written or refused in words";
test(ZEROED, async () => {
  const { whole, right, pages } = await filled();
  const zeroed = pages.map(page => (bytes: Buffer) => bytes.fill(0, page * PAGE, (page + 1) * PAGE));
  const told = await ask(whole, right, zeroed);
  expect(told.wrong).toEqual([]);
  expect(told.refused).toBeGreaterThan(pages.length);
});

test("a file that was cut off, in the middle of a page or between two, is refused whatever is asked", async () => {
  const { whole, right, pages } = await filled();
  const ends = pages.slice(-10).flatMap(page => [page * PAGE, page * PAGE + 1000]);
  const cut = ends.map(end => (bytes: Buffer) => bytes.subarray(0, end));
  const told = await ask(whole, right, cut);
  expect(told.wrong).toEqual([]);
});

test("what is no database is refused at the start", async () => {
  spoil(Buffer.alloc(0), () => Buffer.from("A letter, not a database.\n".repeat(500)));
  await expect(temporaryStore(folder)).rejects.toThrow(`${path} is damaged (file is not a database). Restore its`);
});

test("a document whose text was changed is neither read nor written over, and its neighbours are well", async () => {
  await fill();
  const text = JSON.stringify(itemOf(7));
  misspell(text, text.replace("7-7-7", "7-8-7"));
  const items = await itemsOf(await temporaryStore(folder));
  const refused = { name: "StoreUnavailable", message: expect.stringContaining(`${path} is damaged (the checksum of`) };
  await expect(items.get("item07")).rejects.toMatchObject(refused);
  await expect(items.find()).rejects.toMatchObject(refused);
  await expect(items.update({ _id: "item07" }, { $set: { kind: "other" } })).rejects.toMatchObject(refused);
  expect(await items.update({ _id: "item08" }, { $set: { kind: "other" } })).toMatchObject({ kind: "other" });
  expect(await items.get("item06")).toEqual(itemOf(6));
  await expect(items.get("item07")).rejects.toMatchObject(refused);
});

test("a commit whose text was changed is refused by all who would read it", async () => {
  await fill();
  const right = await answers();
  misspell('"id":"a-9"', '"id":"a-8"');
  const refused = { feed: "refused", pages: "refused", stream: "refused" };
  expect(await answers()).toEqual({ ...right, ...refused });
});

test("a text that is no JSON any more is refused also where a change would have to look into it", async () => {
  await fill();
  const text = JSON.stringify(itemOf(7));
  misspell(text, `[${text.slice(1)}`);
  const items = await itemsOf(await temporaryStore(folder));
  const refused = { name: "StoreUnavailable", message: expect.stringContaining(`${path} is damaged (malformed JSON)`) };
  await expect(items.putNewer([{ ...itemOf(7), version: 2 }])).rejects.toMatchObject(refused);
  await expect(items.find({ query: { version: 1 } })).rejects.toMatchObject(refused);
});

test.each([
  ["log", "position = 9", ["feed", "pages", "stream"]],
  ["log_streams", "stream = 'a' AND version = 9", ["stream"]],
])("no history is told with a hole in %s", async (table, where, holes) => {
  await fill();
  const right = await answers();
  const database = new Sqlite(path);
  database.prepare(`DELETE FROM ${table} WHERE ${where}`).run([]);
  database.close();
  const told = await answers();
  const different = Object.keys(told).filter(name => JSON.stringify(told[name]) !== JSON.stringify(right[name]));
  expect(different.toSorted()).toEqual(holes);
  for (const name of holes) expect(told[name]).toBe("refused");
});

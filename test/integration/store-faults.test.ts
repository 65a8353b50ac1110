// Kills, torn and damaged files: what was acknowledged is in the embedded store, and what is damaged is refused.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartupError } from "../../lib/errors";
import type { Collection, Store } from "../../lib/store/store";
import { openEmbeddedStore } from "../../lib/store/embedded/embedded-store";

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
  const { openEmbeddedStore } = require("./dist/lib/store/embedded/embedded-store.js");
  (async () => {
    const items = await (await openEmbeddedStore(process.argv[1])).collection("items");
    const counter = { _id: "counter", text: "", writes: 0 };
    const { writes } = await items.get("counter") ?? (await items.insert(counter), counter);
    const add = async _id => {
      if (!(await items.get(_id))) await items.insert({ _id, text: "x".repeat(2000) });
    };
    for (let n = writes + 1; ; n += 1) {
      if (n % 10 === 0) await add("item" + n);
      await items.update({ _id: "counter" }, { $set: { writes: n } });
      writeSync(1, n + "\\n");
    }
  })();
`;

/** Runs the writer and kills it some milliseconds after its first write; the last write that it said was done. */
const writeAndKill = async (milliseconds: number): Promise<number> => {
  // A file, not a pipe: what the writer said is there in full when it is killed.
  const path = join(folder, "acknowledged");
  writeFileSync(path, "");
  const output = openSync(path, "a");
  const writer = spawn(process.execPath, ["-e", WRITER, folder], { stdio: ["ignore", output, "inherit"] });
  closeSync(output);
  const exit = once(writer, "exit");
  while (statSync(path).size === 0 && writer.exitCode === null) await sleep(20);
  await sleep(milliseconds);
  writer.kill("SIGKILL");
  expect(await exit).toEqual([null, "SIGKILL"]);
  return Number(readFileSync(path, "utf8").trim().split("\n").at(-1));
};

describe("embedded store", () => {
  const KILLED_WRITER =
    `after each of ${KILLS} kills of the writer, ` +
    "in the middle of writes and compactions, every acknowledged write is there";
  test(KILLED_WRITER, async () => {
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
    const warn = jest.spyOn(process, "emitWarning").mockImplementation();
    for (const torn of [1, 12, whole.indexOf("\n")]) {
      appendFileSync(path, whole.slice(0, torn));
      const items = await open();
      expect(warn).toHaveBeenLastCalledWith(expect.stringContaining(`${path} ended in ${torn} bytes`), {
        code: "STORE_TORN_TAIL",
      });
      expect(await idsIn(items)).toEqual(["a", "b", "c"]);
      await close();
      expect(readFileSync(path, "utf8")).toBe(whole);
    }
    warn.mockRestore();
  });

  test.each([
    ["a byte in a text", (whole: string) => whole.replace('xxxx"}\n', 'xxxX"}\n'), 1],
    ["a letter in a field name", (whole: string) => whole.replace('"_id":"b"', '"_iD":"b"'), 2],
    ["a lost line end", (whole: string) => whole.replace("\n", " "), 1],
    ["a damaged line before a torn tail", (whole: string) => `${whole.replace('"_id":"c"', '"_id":"d"')}torn`, 3],
  ])("damage is refused with file and line, and the file stays as it is: %s", async (_, damage, line) => {
    const path = await threeItems();
    const damaged = damage(readFileSync(path, "utf8"));
    writeFileSync(path, damaged);
    const opening = open();
    await expect(opening).rejects.toThrow(StartupError);
    const advice = `Restore the whole folder ${dirname(path)} from one backup, not this file alone`;
    await expect(opening).rejects.toThrow(`${path} is damaged at line ${line}, and nothing was changed. ${advice}`);
    expect(readFileSync(path, "utf8")).toBe(damaged);
  });
});

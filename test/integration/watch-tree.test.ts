// What `npm run dev` sees of a tree of sources: files replaced by renaming, new folders, folders that go.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watchTree } from "../../scripts/watch-tree";

let base: string;
let seen: string[] = [];
let stop: () => void;

const at = (...names: string[]) => join(base, ...names);
const write = (...names: string[]) => writeFileSync(at(...names), String(Math.random()));

/** As most editors save: the new text is written beside the file, and renamed over it. */
const saveByRename = (...names: string[]) => {
  const beside = `${at(...names)}~`;
  writeFileSync(beside, String(Math.random()));
  renameSync(beside, at(...names));
};

/** Whether the change is reported for this file. Waits before: no late report of an earlier one may be taken for it. */
const sees = async (change: () => void, ...names: string[]) => {
  await sleep(100);
  seen = [];
  change();
  for (const until = Date.now() + 3000; Date.now() < until; await sleep(20)) {
    if (seen.includes(at(...names))) return true;
  }
  return false;
};

beforeEach(() => {
  seen = [];
  base = mkdtempSync(join(tmpdir(), "watch-tree-"));
  mkdirSync(at("lib", "deep"), { recursive: true });
  for (const names of [["lib", "a.ts"], ["lib", "deep", "b.ts"], ["config.ts"], ["other.ts"]]) write(...names);
  stop = watchTree(base, ["lib", "config.ts"], path => void seen.push(path));
});
afterEach(() => {
  stop();
  rmSync(base, { recursive: true, force: true });
});

const saved = [[["lib", "a.ts"]], [["lib", "deep", "b.ts"]], [["config.ts"]]];
test.each(saved)("%j is seen, however often it is saved by renaming", async names => {
  expect(await sees(() => saveByRename(...names), ...names)).toBe(true);
  expect(await sees(() => saveByRename(...names), ...names)).toBe(true);
  expect(await sees(() => write(...names), ...names)).toBe(true);
});

test("a file in a new folder is seen, with what it had when the folder came, and later", async () => {
  const made = () => {
    mkdirSync(at("lib", "new", "inner"), { recursive: true });
    write("lib", "new", "inner", "c.ts");
  };
  expect(await sees(made, "lib", "new", "inner", "c.ts")).toBe(true);
  expect(await sees(() => saveByRename("lib", "new", "inner", "c.ts"), "lib", "new", "inner", "c.ts")).toBe(true);
  expect(await sees(() => write("lib", "new", "d.ts"), "lib", "new", "d.ts")).toBe(true);
});

test("a removed file is seen, and a folder may go and come back", async () => {
  expect(await sees(() => rmSync(at("lib", "a.ts")), "lib", "a.ts")).toBe(true);
  expect(await sees(() => rmSync(at("lib"), { recursive: true }), "lib", "deep", "b.ts")).toBe(true);
  expect(await sees(() => saveByRename("config.ts"), "config.ts")).toBe(true);
  expect(await sees(() => mkdirSync(at("lib", "deep"), { recursive: true }), "lib", "deep", "b.ts")).toBe(false);
  expect(await sees(() => write("lib", "deep", "b.ts"), "lib", "deep", "b.ts")).toBe(true);
});

test("a folder that is replaced by another of its name is seen, and watched", async () => {
  mkdirSync(at("spare"));
  write("spare", "b.ts");
  const replaced = () => {
    renameSync(at("lib", "deep"), at("gone"));
    renameSync(at("spare"), at("lib", "deep"));
  };
  expect(await sees(replaced, "lib", "deep", "b.ts")).toBe(true);
  expect(await sees(() => write("lib", "deep", "b.ts"), "lib", "deep", "b.ts")).toBe(true);
});

test("what was not named is not seen, nor what has not changed", async () => {
  await sleep(100);
  expect(seen).toEqual([]);
  expect(await sees(() => write("other.ts"), "other.ts")).toBe(false);
  expect(seen).toEqual([]);
});

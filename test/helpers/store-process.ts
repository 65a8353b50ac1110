// A short program that uses a store in a process of its own, under limits that a test process cannot have.
import { spawnSync } from "node:child_process";

/**
 * Runs `script` with `store`, `items`, `log`, `append(stream, version)` and `refusalOf(promise)`; what it leaves in
 * `result` is returned. `limits`: shell commands before it. `uid`: the user it becomes first, by number.
 */
export const inProcess = <T>(folder: string, script: string, limits = ":", uid?: number): T => {
  const program = `
    const { openSqliteStore } = require("./dist/lib/store/sqlite/sqlite-store.js");
    const [, folder] = process.argv;
    const item = (id, length = 2000) => ({ _id: id, text: "x".repeat(length) });
    const refusalOf = promise => promise.then(() => "none", error => error.name);
    const timestamp = "2026-01-01T00:00:00.000Z";
    (async () => {
      ${uid === undefined ? "" : `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});`}
      const opened = await openSqliteStore(folder, { timeoutMs: 2000, synchronous: "full" }).catch(error => error);
      if (opened instanceof Error) return { name: opened.name, message: opened.message };
      const store = opened;
      const items = await store.collection("items");
      const log = await store.log();
      const append = (stream, version, data = {}) =>
        log.append({
          id: stream + version,
          events: [{ id: stream + version, type: "Counted", aggregateId: stream, version, data, timestamp }],
          before: version > 1 ? [{ stream, version: version - 1 }] : [],
        });
      let result;
      ${script}
      await store.close();
      return result;
    })().then(
      result => process.stdout.write(JSON.stringify(result)),
      error => (console.error(error), process.exit(1)),
    );`;
  const { stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", `${limits}; exec "$0" -e "$1" "$2"`, process.execPath, program, folder],
    { encoding: "utf8", timeout: 60_000 },
  );
  if (!stdout) throw new Error(stderr || "The process said nothing.");
  return JSON.parse(stdout) as T;
};

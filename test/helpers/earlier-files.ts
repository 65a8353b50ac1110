// Writes a stopped shop's data as the first release kept them: files of checksummed lines instead of SQLite.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Sqlite from "libsql";
import { Engine } from "../../lib/store/sqlite/engine";

export const line = (document: object): string => {
  const json = JSON.stringify(document);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
};

const commitOf = (position: number, id: unknown, document: string) => {
  const kept = JSON.parse(document) as { events: { aggregateId: string; version: number }[] };
  return {
    _id: position,
    commitId: id,
    keys: kept.events.map(({ aggregateId, version }) => `${aggregateId}:${version}`),
    streams: [...new Set(kept.events.map(({ aggregateId }) => aggregateId))],
    ...kept,
  };
};

/** Read models were one to a name, and so were their checkpoints. */
const earlier = (id: unknown) => (typeof id === "string" ? id.replace(/^(order-list|catalogue|users)-1$/, "$1") : id);

const rewrite = (folder: string, name: string): void => {
  const file = join(folder, `${name}.sqlite`);
  const database = new Engine(new Sqlite(file));
  const all = (sql: string) => database.prepare(sql).all();
  const tables = all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%:%'").map(one =>
    String(one.name),
  );
  for (const table of tables.filter(one => !/^log_|^models$|-\d+(-counts)?$|^sqlite_|^snapshots$/.test(one))) {
    const lines =
      table === "log"
        ? [
            line({ $$indexCreated: { fieldName: "keys", unique: true } }),
            line({ _id: -1, commitId: all("SELECT id FROM log_identity")[0]?.id, keys: [], streams: [], events: [] }),
            ...all("SELECT * FROM log").map(one => line(commitOf(Number(one.position), one.id, String(one.document)))),
          ]
        : all(`SELECT * FROM "${table}"`).flatMap(({ id, document }) => [
            // What was written first does not count, and what was removed is gone.
            line({ _id: earlier(id), position: 0 }),
            line({ ...(JSON.parse(String(document)) as object), _id: earlier(id) }),
            line({ _id: "gone" }),
            line({ _id: "gone", $$deleted: true }),
          ]);
    writeFileSync(join(folder, `${table}.db`), lines.join(""));
  }
  database.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
};

export const writeAsFirstRelease = (dataDir: string, services: readonly string[]): void => {
  for (const name of services.filter(one => readdirSync(dataDir).includes(one))) rewrite(join(dataDir, name), name);
};

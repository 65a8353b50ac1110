// Looks for damage in a SQLite file: SQLite's own check, every checksum, and a log without gaps. Others may write
// meanwhile.
import { crc32 } from "node:zlib";
import Sqlite from "libsql";
import { messageOf } from "../../errors";
import { Engine } from "./engine";
import type { Row, Value } from "./protocol";
import { quoted } from "./query";

const AT_ONCE = 500;
/** How many damaged places of one kind are named. */
const MAX_NAMED = 20;

export interface Checked {
  readonly commits: number;
  readonly documents: number;
  /** What is damaged, a sentence each. */
  readonly troubles: readonly string[];
}

type All = (sql: string, params?: readonly Value[]) => Row[];

const fits = ({ document, crc }: Row) => crc32(String(document)) === crc;

/** The rows of a table by an ascending integer column, some at once. */
function* pagesOf(all: All, table: string, key: string): Generator<Row[]> {
  for (let after: Value = -1; ;) {
    const page = all(`SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${AT_ONCE}`, [after]);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.[key] ?? null;
  }
}

const STANDS =
  "SELECT count(*) AS n FROM json_each(?) w JOIN log_streams s " +
  "ON s.stream = w.value ->> 0 AND s.version = w.value ->> 1 AND s.position = w.value ->> 2";

const checkLog = (all: All, troubles: string[]): number => {
  let head = 0;
  let noted = 0;
  for (const page of pagesOf(all, "log", "position"))
    for (const commit of page) {
      const position = Number(commit.position);
      if (position !== head + 1) troubles.push(`The log has nothing from position ${head + 1} to ${position - 1}.`);
      head = position;
      if (!fits(commit)) {
        troubles.push(`The checksum of commit ${position} does not fit.`);
        continue;
      }
      const { events } = JSON.parse(String(commit.document)) as { events: { aggregateId: string; version: number }[] };
      noted += events.length;
      const places = JSON.stringify(events.map(({ aggregateId, version }) => [aggregateId, version, position]));
      if (Number(all(STANDS, [places])[0]?.n) !== events.length)
        troubles.push(`The streams do not have all events of commit ${position}.`);
    }
  const gaps = "SELECT stream FROM log_streams GROUP BY stream HAVING min(version) <> 1 OR count(*) <> max(version)";
  for (const { stream } of all(`${gaps} LIMIT ${MAX_NAMED}`))
    troubles.push(`The versions of stream ${String(stream)} have gaps.`);
  const places = Number(all("SELECT count(*) AS n FROM log_streams")[0]?.n);
  if (troubles.length === 0 && places !== noted)
    troubles.push(`The streams have ${places} events, and the log has ${noted}.`);
  return head;
};

const checkDocuments = (all: All, collection: string, troubles: string[]): number => {
  let documents = 0;
  for (const page of pagesOf(all, quoted(collection), "key"))
    for (const row of page) {
      documents += 1;
      if (!fits(row)) troubles.push(`The checksum of ${collection} ${String(row.id)} does not fit.`);
    }
  return documents;
};

const IS_COLLECTION =
  "SELECT name FROM sqlite_schema t WHERE type = 'table' AND name <> 'log' AND " +
  "(SELECT count(*) FROM pragma_table_info(t.name) WHERE name IN ('key', 'id', 'document', 'crc')) = 4";

const check = (all: All): Checked => {
  const troubles: string[] = [];
  for (const { integrity_check: said } of all("PRAGMA integrity_check"))
    if (said !== "ok") troubles.push(`SQLite finds: ${String(said)}.`);
  const hasLog = all("SELECT 1 FROM sqlite_schema WHERE name = 'log'").length > 0;
  const commits = hasLog ? checkLog(all, troubles) : 0;
  let documents = 0;
  for (const { name } of all(IS_COLLECTION)) documents += checkDocuments(all, String(name), troubles);
  return { commits, documents, troubles };
};

/** Checks a file as it is at one moment. Reads all of it, here and now. */
export const checkFile = (file: string): Checked => {
  let database: InstanceType<typeof Sqlite> | undefined;
  try {
    database = new Sqlite(file, { timeout: 2000 });
    const engine = new Engine(database);
    // One transaction sees one moment.
    database.exec("BEGIN");
    return check((sql, params = []) => engine.prepare(sql).all(params));
  } catch (error) {
    return { commits: 0, documents: 0, troubles: [`It cannot be read: ${messageOf(error)}.`] };
  } finally {
    database?.close();
  }
};

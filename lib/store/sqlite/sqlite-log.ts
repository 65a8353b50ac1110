// The log in SQLite: a transaction checks what must stand, assigns the position and notes the streams, for all commits
// that wait.
import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import { AppendConflict, type Before, type Draft, type Log, type Placed, type StoredEvent, type Written } from "../log";
import { StoreUnavailable } from "../store";
import type { Database } from "./database";
import type { Row, Statement } from "./protocol";
import { checksumTrouble, damage } from "./trouble";

const statement = (sql: string): Statement => ({ sql, params: [], as: "count" });

const MAKE: readonly Statement[] = [
  // The position of a commit, its id, and the rest of it as JSON.
  "CREATE TABLE IF NOT EXISTS log " +
    "(position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, crc INTEGER NOT NULL)",
  // Where each event stands: of two commits with the same version of a stream one comes in.
  "CREATE TABLE IF NOT EXISTS log_streams " +
    "(stream TEXT, version INTEGER, position INTEGER NOT NULL, PRIMARY KEY (stream, version)) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS log_identity (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL)",
].map(statement);

/** What of a commit's foundations does not stand. */
const MISSING =
  "SELECT 1 FROM json_each(?) wanted " +
  "LEFT JOIN log_streams s ON s.stream = wanted.value ->> 0 AND s.version = wanted.value ->> 1 " +
  "LEFT JOIN log l ON l.position = s.position " +
  "WHERE l.id IS NULL OR l.id <> coalesce(wanted.value ->> 2, l.id) LIMIT 1";
const INSERT = "INSERT INTO log (id, document, crc) VALUES (?, ?, ?) RETURNING position";
const NOTE =
  "INSERT INTO log_streams SELECT value ->> 0, value ->> 1, (SELECT max(position) FROM log) FROM json_each(?)";

const COMMITS = "SELECT position, id, document, crc FROM log WHERE";

const missing = (before: readonly Before[]): Statement => ({
  sql: MISSING,
  params: [JSON.stringify(before.map(({ stream, version, commit }) => [stream, version, commit ?? null]))],
  as: "refuse",
});

interface Kept {
  readonly events: readonly StoredEvent[];
  readonly metadata?: object;
}

export class SqliteLog implements Log {
  private constructor(
    private readonly database: Database,
    readonly id: string,
  ) {}

  static async open(database: Database): Promise<SqliteLog> {
    const identify = { sql: "INSERT OR IGNORE INTO log_identity VALUES (1, ?)", params: [randomUUID()] };
    const { error } = await database.write([...MAKE, { ...identify, as: "count" }]);
    if (error) throw new StoreUnavailable(error.message);
    return new SqliteLog(database, String(database.readOne("SELECT id FROM log_identity", [])?.id));
  }

  async append({ before, ...commit }: Draft): Promise<Written> {
    const { id, events, metadata } = commit;
    const kept: Kept = metadata === undefined ? { events } : { events, metadata };
    const text = JSON.stringify(kept);
    const versions = JSON.stringify(events.map(({ aggregateId, version }) => [aggregateId, version]));
    const outcome = await this.database.write([
      ...(before.length > 0 ? [missing(before)] : []),
      { sql: INSERT, params: [id, text, crc32(text)], as: "rows" },
      { sql: NOTE, params: [versions], as: "count" },
    ]);
    if (!outcome.error) return { ...commit, position: Number((outcome.results.at(-2) as readonly Row[])[0]?.position) };
    const { code, message } = outcome.error;
    const first = this.database.readOne(`${COMMITS} id = ?`, [id]);
    if (first) return this.commitIn(first);
    if (code === "REFUSED" || code.startsWith("SQLITE_CONSTRAINT")) throw new AppendConflict();
    throw new Error(message);
  }

  async stream(stream: string, after: number): Promise<Written[]> {
    const positions = "SELECT position FROM log_streams WHERE stream = ? AND version > ?";
    const commits = await this.commits(`position IN (${positions}) ORDER BY position`, [stream, after]);
    let reached = after;
    for (const { aggregateId, version } of commits.flatMap(({ events }) => events)) {
      if (aggregateId !== stream) continue;
      if (version > reached + 1) throw damage(this.database.file, `${stream} lacks version ${reached + 1}`);
      reached = Math.max(reached, version);
    }
    return commits;
  }

  async tip(stream: string): Promise<{ version: number; commit: string } | null> {
    await this.database.fairly();
    const row = this.database.readOne(
      "SELECT s.version, l.id FROM log_streams s JOIN log l ON l.position = s.position " +
        "WHERE s.stream = ? ORDER BY s.version DESC LIMIT 1",
      [stream],
    );
    return row ? { version: Number(row.version), commit: String(row.id) } : null;
  }

  async commitAt(stream: string, version: number): Promise<string | null> {
    await this.database.fairly();
    const row = this.database.readOne(
      "SELECT l.id FROM log_streams s JOIN log l ON l.position = s.position WHERE s.stream = ? AND s.version = ?",
      [stream, version],
    );
    return row ? String(row.id) : null;
  }

  async read(after: number, limit: number): Promise<Placed[]> {
    const commits = await this.commits("position > ? ORDER BY position LIMIT ?", [after, limit]);
    const gap = commits.findIndex(({ position }, index) => position !== after + index + 1);
    if (gap !== -1) throw damage(this.database.file, `the commit at ${after + gap + 1} is missing`);
    return commits;
  }

  async at(position: number): Promise<string | null> {
    await this.database.fairly();
    const row = this.database.readOne("SELECT id FROM log WHERE position = ?", [position]);
    return row ? String(row.id) : null;
  }

  async head(): Promise<number> {
    await this.database.fairly();
    return Number(this.database.readOne("SELECT max(position) AS head FROM log", [])?.head ?? 0);
  }

  private async commits(condition: string, params: readonly (string | number)[]): Promise<Placed[]> {
    await this.database.fairly();
    return this.database.read(`${COMMITS} ${condition}`, params).map(row => this.commitIn(row));
  }

  private commitIn({ position, id, document, crc }: Row): Placed {
    const text = String(document);
    if (crc32(text) !== crc) throw checksumTrouble(this.database.file, `commit ${String(position)}`);
    return { position: Number(position), id: String(id), ...(JSON.parse(text) as Kept) };
  }
}

// One SQLite file: read here and now, written in groups by the thread that writes.
import { setImmediate as setTurn } from "node:timers/promises";
import Sqlite from "libsql";
import { raceTimer } from "../../race";
import { StoreUnavailable } from "../store";
import { Engine } from "./engine";
import type { Outcome, Row, Unit, Value } from "./protocol";
import { closedTrouble, troubleOf } from "./trouble";
import { WriterThread } from "./writer-thread";

/** `full`: what was acknowledged survives a power cut. `normal`: it survives the end of the process. */
export type Synchronous = "full" | "normal";

export interface DatabaseOptions {
  /** The longest wait for a write, in milliseconds. */
  readonly timeoutMs: number;
  readonly synchronous: Synchronous;
}

/** Milliseconds that reading may hold up the event loop, one read after the other. */
const MAX_TURN_MS = 2;
/** Milliseconds that a read waits while another process mends the file after a crash. */
const READ_PATIENCE_MS = 500;
const MEMORY = ":memory:";

const statement = (sql: string) => ({ sql, params: [], as: "count" as const });
// Read to its end: a statement that is left open keeps tables from being dropped.
const ROUND_TRIP: Unit = [{ ...statement("PRAGMA user_version"), as: "rows" }];
const PROBE: Unit = [
  statement("CREATE TABLE IF NOT EXISTS probe (one INTEGER PRIMARY KEY, times INTEGER)"),
  statement("INSERT INTO probe VALUES (1, 1) ON CONFLICT DO UPDATE SET times = times + 1"),
];

interface Waiting {
  readonly unit: Unit;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

export class Database {
  private readonly thread: WriterThread | undefined;
  private queue: Waiting[] = [];
  private closed = false;
  /** When the turn of the event loop began in which somebody reads. */
  private turn: number | undefined;
  /** That the last write failed: then only a write shows whether it can be written again. */
  private failed = false;

  private constructor(
    readonly file: string,
    private readonly reader: InstanceType<typeof Engine>,
    private readonly options: DatabaseOptions,
  ) {
    this.thread = file === MEMORY ? undefined : WriterThread.acquire();
  }

  /** A database that is gone with its process, written where it is read. */
  static inMemory(): Database {
    return new Database(MEMORY, new Engine(new Sqlite(MEMORY)), { timeoutMs: 0, synchronous: "normal" });
  }

  /** Opens (or creates) a file. @throws StoreUnavailable when it cannot be used */
  static async open(file: string, options: DatabaseOptions): Promise<Database> {
    let database: Database | undefined;
    try {
      const connection = new Sqlite(file, { timeout: READ_PATIENCE_MS });
      database = new Database(file, new Engine(connection), options);
      connection.exec("PRAGMA journal_mode = WAL");
      await database.thread?.ask(file, { open: { synchronous: options.synchronous } });
      return database;
    } catch (error) {
      await database?.close();
      throw troubleOf(file, error);
    }
  }

  /**
   * To be awaited before a read: reads are answered here and now, so that whoever asks again and again would keep
   * everybody else from his turn.
   */
  async fairly(): Promise<void> {
    const now = performance.now();
    if (this.turn === undefined) {
      this.turn = now;
      setImmediate(() => {
        this.turn = undefined;
      });
    } else if (now - this.turn > MAX_TURN_MS) await setTurn();
  }

  /** The rows that a statement selects. @throws StoreUnavailable */
  read(sql: string, params: readonly Value[]): Row[] {
    if (this.closed) throw closedTrouble();
    try {
      return this.reader.prepare(sql).all(params);
    } catch (error) {
      throw troubleOf(this.file, error);
    }
  }

  /**
   * The first of them. Not by the statement's `get`: that one leaves it open, and from then on the connection sees the
   * past.
   */
  readOne(sql: string, params: readonly Value[]): Row | undefined {
    return this.read(sql, params)[0];
  }

  /** What SQLite would do to read: on a connection of its own, as an EXPLAIN may hold its one in the past. */
  explain(sql: string, params: readonly Value[]): Row[] {
    const own = this.thread ? new Engine(new Sqlite(this.file)) : this.reader;
    try {
      return own.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(params);
    } finally {
      if (own !== this.reader) own.close();
    }
  }

  /**
   * Carries out a unit; resolves when it is on disk, or was left out.
   * @throws StoreUnavailable: then it is not known whether it was done, unless it says that nothing was written
   */
  write(unit: Unit): Promise<Outcome> {
    if (this.closed) return Promise.reject(closedTrouble());
    return new Promise((resolve, reject) => {
      this.queue.push({ unit, resolve, reject });
      // Whatever comes in the same turn of the event loop goes with it.
      if (this.queue.length === 1) setImmediate(() => void this.flush());
    });
  }

  /** A round trip to the thread that writes, and to the disk when the last write failed. @throws StoreUnavailable */
  async ping(): Promise<void> {
    await this.write(this.failed ? PROBE : ROUND_TRIP);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await this.flush();
    this.closed = true;
    this.reader.close();
    await this.thread?.ask(this.file, { close: true }).catch(() => undefined);
    await this.thread?.release();
  }

  private async flush(): Promise<void> {
    const batch = this.queue;
    this.queue = [];
    if (batch.length === 0) return;
    try {
      const outcomes = await this.commit(batch.map(({ unit }) => unit));
      this.failed = false;
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome) resolve(outcome);
        else reject(new Error("The thread that writes left out an answer."));
      });
    } catch (error) {
      this.failed = true;
      const trouble = error instanceof StoreUnavailable ? error : troubleOf(this.file, error);
      for (const { reject } of batch) reject(trouble);
    }
  }

  private async commit(units: readonly Unit[]): Promise<readonly Outcome[]> {
    const { thread, file } = this;
    const { timeoutMs } = this.options;
    if (!thread) return this.reader.commit(units);
    return raceTimer(thread.ask(file, { units, timeoutMs }), 2 * timeoutMs, () => {
      throw new StoreUnavailable(`${file} was not written within ${2 * timeoutMs} ms.`);
    });
  }
}

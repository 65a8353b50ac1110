// Logs in MongoDB as the processes of a service have them, each with a clock and a network of its own.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Db, MongoClient } from "mongodb";
import { StoreUnavailable } from "../../lib/store/store";
import { type CommitDocument, commitsIn } from "../../lib/store/mongo/commit-documents";
import { type Call, within } from "../../lib/store/mongo/mongo-client";
import { MongoLog } from "../../lib/store/mongo/mongo-log";
import { draft } from "./log-drafts";

const TIMEOUT_MS = 10_000;

export interface Peculiarities {
  /** Milliseconds that its clock is ahead. */
  readonly skewMs?: number;
  /** Milliseconds that a call takes longer, at most, before and after it takes effect. */
  readonly jitterMs?: number;
  /** The calls to the database after which none gets through. */
  readonly dyingAfter?: number;
}

/** A database, and processes that open its log. */
export class LogDatabase {
  private readonly logs: MongoLog[] = [];

  private constructor(
    readonly client: MongoClient,
    readonly db: Db,
  ) {}

  static async connect(url: string): Promise<LogDatabase> {
    const client = new MongoClient(url, { monitorCommands: true });
    await client.connect();
    return new LogDatabase(client, client.db(`jangteo_log_${randomBytes(4).toString("hex")}`));
  }

  async open({ skewMs = 0, jitterMs = 0, dyingAfter = Infinity }: Peculiarities = {}): Promise<MongoLog> {
    let left = dyingAfter;
    const call: Call = async work => {
      left -= 1;
      if (left < 0) throw new StoreUnavailable("This process is dead.");
      await sleep(Math.random() * jitterMs);
      const answer = await within(TIMEOUT_MS, work());
      await sleep(Math.random() * jitterMs);
      return answer;
    };
    const log = await MongoLog.open(this.db, call, () => Date.now() + skewMs);
    this.logs.push(log);
    return log;
  }

  /** Commits to as many streams, which wait for their positions since now. */
  async write(many: number): Promise<void> {
    const waiting = Array.from({ length: many }, (_, n): CommitDocument => {
      const { id: _id, events } = draft({ [`waiting-${n}`]: 1 });
      return { _id, keys: [`waiting-${n}:1`], streams: [`waiting-${n}`], rank: 1, events, pending: Date.now() };
    });
    await commitsIn(this.db).insertMany(waiting);
  }

  /** Nothing waits any more, and nobody has anything to place. */
  async settle(): Promise<void> {
    for (const log of this.logs) await log.head();
  }

  async remove(): Promise<void> {
    for (const log of this.logs) log.close();
    await this.db.dropDatabase();
    await this.client.close();
  }
}

/** Repeats what a database did not do in time, as the callers of a store do. */
export const untilDone = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
};

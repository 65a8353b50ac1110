// Gives commits their positions after they were written: any number of processes may do so at once, and none is left
// out.
import { setTimeout as sleep } from "node:timers/promises";
import type { Collection } from "mongodb";
import { DuplicateKey } from "../store";
import { type CommitDocument, keysBefore } from "./commit-documents";
import type { Call } from "./mongo-client";

/** What is known of a commit that waits. */
type Waiting = Pick<CommitDocument, "_id" | "keys" | "rank" | "pending">;

/** Few enough for a slow server to do in time. */
const AT_ONCE = 200;
/** Milliseconds after which a commit is placed that nobody asked for. */
const LATEST_MS = 250;
/** Milliseconds at most, after another process was faster. */
const STEP_ASIDE_MS = 10;
/** Keys that are remembered as placed, at most. */
const REMEMBERED = 20_000;
const FIELDS = { keys: 1, rank: 1, pending: 1 };

/** By the clocks of their writers, but none before one that it follows in a stream: ranks tell. */
const inOrder = (waiting: readonly Waiting[]): Waiting[] => {
  const times = new Map<string, number>();
  const timed = waiting
    .toSorted((a, b) => a.rank - b.rank)
    .map(commit => {
      const time = Math.max(commit.pending ?? 0, ...keysBefore(commit.keys).map(key => times.get(key) ?? 0));
      for (const key of commit.keys) times.set(key, time);
      return { commit, time };
    });
  return timed.sort((a, b) => a.time - b.time || a.commit.rank - b.commit.rank).map(({ commit }) => commit);
};

/**
 * Position n is never given before n - 1 was, whoever places and wherever he dies: positions are unique, a commit gets
 * one only while it has none, a round's updates stop at the first that fails, and its first position is the one behind
 * a head that was read before what waits. For when an update of the round finds its commit placed by another process,
 * then so are all before it in the round, all behind that head; so its position is taken.
 */
export class Sequencer {
  private running: Promise<number | void> = Promise.resolve();
  private next: Promise<number | undefined> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly placed = new Set<string>();
  /** A position that was given; the head may be further on. */
  private seen = 0;

  constructor(
    private readonly commits: Collection<CommitDocument>,
    private readonly call: Call,
  ) {}

  /** Up to here the log is known to go. */
  get known(): number {
    return this.seen;
  }

  /**
   * Resolves when all that was written before the call has its position: to the newest one, if that is known from it.
   */
  place(): Promise<number | undefined> {
    // The round under way may have looked before the caller's commit was there; the next one serves all who ask now.
    if (!this.next) {
      const begin = () => {
        this.next = undefined;
        return this.round();
      };
      this.next = this.running = this.running.then(begin, begin);
    }
    return this.next;
  }

  /** To be called after a commit was written: it gets its position soon, also when nobody asks. */
  expect(): void {
    if (this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.place().catch(() => this.expect());
    }, LATEST_MS).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** The newest position that was given; 0 when there is none. */
  async newest(): Promise<number> {
    const from = this.seen;
    const query = { position: { $gte: Math.max(from, 1) } };
    const options = { sort: { position: -1 }, projection: { position: 1 } } as const;
    const found = await this.call(() => this.commits.findOne(query, options));
    if (found?.position !== undefined) {
      this.seen = Math.max(this.seen, found.position);
      return this.seen;
    }
    if (from === 0) return 0;
    // The log is shorter than it was: a backup has taken its place.
    this.seen = 0;
    this.placed.clear();
    return this.newest();
  }

  private async round(): Promise<number | undefined> {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (;;) {
      const head = this.seen;
      const waiting = await this.find({ pending: { $gt: 0 } }, AT_ONCE);
      if (waiting.length === 0) return undefined;
      const given = await this.give(inOrder(await this.withThoseBefore(waiting)), head);
      if (given !== "too late" && waiting.length < AT_ONCE) return given === "all" ? this.seen : undefined;
    }
  }

  /** Whether another process was faster: with all of them, with some of them, or with a position. */
  private async give(commits: readonly Waiting[], head: number): Promise<"all" | "some" | "too late"> {
    const updates = commits.map(({ _id }, index) => ({
      updateOne: {
        filter: { _id, pending: { $gt: 0 } },
        update: { $set: { position: head + 1 + index }, $unset: { pending: "" as const } },
      },
    }));
    let given: number;
    try {
      given = (await this.call(() => this.commits.bulkWrite(updates, { ordered: true }))).modifiedCount;
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
      await sleep(Math.random() * STEP_ASIDE_MS);
      await this.newest();
      return "too late";
    }
    this.seen = Math.max(this.seen, head + commits.length);
    this.remember(commits.flatMap(({ keys }) => keys));
    // Nobody else gave a position since the head was read, so this is where the log ends.
    return given === commits.length ? "all" : "some";
  }

  /**
   * With the commits that these follow in a stream and that wait as well: a writer's clock may be late, and a look at
   * what waits is not of one moment.
   */
  private async withThoseBefore(waiting: readonly Waiting[]): Promise<Waiting[]> {
    const all = new Map(waiting.map(commit => [commit._id, commit]));
    const present = new Set(waiting.flatMap(({ keys }) => keys));
    for (let added = waiting; added.length > 0;) {
      const before = added.flatMap(({ keys }) => keysBefore(keys));
      const open = before.filter(key => !present.has(key) && !this.placed.has(key));
      const found = open.length === 0 ? [] : await this.find({ keys: { $in: open } });
      this.remember(found.filter(({ pending }) => pending === undefined).flatMap(({ keys }) => keys));
      added = found.filter(({ _id, pending }) => pending !== undefined && !all.has(_id));
      for (const commit of added) {
        all.set(commit._id, commit);
        for (const key of commit.keys) present.add(key);
      }
    }
    return [...all.values()];
  }

  private remember(keys: readonly string[]): void {
    if (this.placed.size + keys.length > REMEMBERED) this.placed.clear();
    for (const key of keys) this.placed.add(key);
  }

  private find(query: object, limit = 0): Promise<Waiting[]> {
    const options = { sort: { pending: 1 }, limit, projection: FIELDS } as const;
    return this.call(() => this.commits.find(query, options).toArray());
  }
}

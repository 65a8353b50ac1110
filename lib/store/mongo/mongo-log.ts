// The log in MongoDB: commits are written first, each under its own id, and get their positions a moment later. So
// writers contend only where one of them must lose.
import type { Collection, Db } from "mongodb";
import { AppendConflict, type Draft, type Log, type Placed, type Written } from "../log";
import { DuplicateKey } from "../store";
import { storable } from "../values";
import {
  COMMIT_INDEXES,
  type CommitDocument,
  commitsIn,
  keyOf,
  keysBefore,
  partsOf,
  placedIn,
  writtenIn,
} from "./commit-documents";
import { identityOf } from "./log-identity";
import type { Call } from "./mongo-client";
import { ensureIndexes } from "./mongo-indexes";
import { RecentKeys } from "./recent-keys";
import { Sequencer } from "./sequencer";

/** How many versions of a stream are looked up at once: first, and at most. */
const FIRST_VERSIONS = 16;
const MOST_VERSIONS = 1024;

export class MongoLog implements Log {
  private readonly sequencer: Sequencer;
  private readonly recent = new RecentKeys();
  private lastTime = 0;

  private constructor(
    private readonly commits: Collection<CommitDocument>,
    private readonly call: Call,
    readonly id: string,
    private readonly now: () => number,
  ) {
    this.sequencer = new Sequencer(commits, call);
  }

  /**
   * Opens (and creates) the log of a database; one of an earlier release is carried over.
   * @throws StartupError when that cannot be done
   */
  static async open(db: Db, call: Call, now: () => number = Date.now): Promise<MongoLog> {
    const commits = commitsIn(db);
    await ensureIndexes(db.collection(commits.collectionName), COMMIT_INDEXES, call);
    const log = new MongoLog(commits, call, await identityOf(db, call), now);
    await log.sequencer.newest();
    // What a process that has died left behind.
    log.sequencer.expect();
    return log;
  }

  close(): void {
    this.sequencer.stop();
  }

  async append(draft: Draft): Promise<Written> {
    const keys = draft.events.map(({ aggregateId, version }) => keyOf(aggregateId, version));
    const rank = await this.rankOf(draft, keys);
    if (rank === undefined) return this.first(draft.id);
    const { id: _id, events, metadata } = draft;
    const streams = [...new Set(events.map(({ aggregateId }) => aggregateId))];
    const rest = metadata === undefined ? {} : { metadata };
    const commit: CommitDocument = storable({ _id, keys, streams, rank, events, ...rest, pending: this.time() });
    const began = performance.now();
    try {
      await this.call(() => this.commits.insertOne(commit));
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
      return this.first(_id);
    }
    this.recent.note(commit, began);
    this.sequencer.expect();
    return writtenIn(commit);
  }

  async stream(stream: string, after: number): Promise<Written[]> {
    const began = performance.now();
    const found = await (after > 0 ? this.behind(stream, after) : this.whole(stream));
    const last = found.at(-1);
    if (last) this.recent.note(last, began);
    return found.map(writtenIn);
  }

  async tip(stream: string): Promise<{ version: number; commit: string } | null> {
    const began = performance.now();
    const options = { sort: { rank: -1 }, projection: { keys: 1, rank: 1 } } as const;
    const last = await this.call(() => this.commits.findOne({ streams: stream }, options));
    if (!last) return null;
    this.recent.note(last, began);
    const own = last.keys.map(partsOf).filter(key => key.stream === stream);
    return { version: Math.max(...own.map(({ version }) => version)), commit: last._id };
  }

  async commitAt(stream: string, version: number): Promise<string | null> {
    return this.idOf({ keys: keyOf(stream, version) });
  }

  async read(after: number, limit: number): Promise<Placed[]> {
    const find = () => this.commits.find({ position: { $gt: after, $lte: after + limit } }, { sort: { position: 1 } });
    // Far behind the head nothing is waited for.
    const early = after + limit <= this.sequencer.known ? await this.call(() => find().toArray()) : [];
    if (early.length < limit) await this.sequencer.place();
    const found = early.length < limit ? await this.call(() => find().toArray()) : early;
    return found.flatMap(commit => (commit.position === undefined ? [] : [placedIn(commit, commit.position)]));
  }

  async at(position: number): Promise<string | null> {
    if (position < 1) return null;
    const found = await this.idOf({ position });
    if (found !== null) return found;
    await this.sequencer.place();
    return this.idOf({ position });
  }

  async head(): Promise<number> {
    return (await this.sequencer.place()) ?? this.sequencer.newest();
  }

  /** The rank of a commit that is to be written; undefined when what has to be there before it is not. */
  private async rankOf({ before }: Draft, keys: readonly string[]): Promise<number | undefined> {
    const needed = new Map(keysBefore(keys).map((key): [string, string | undefined] => [key, undefined]));
    for (const { stream, version, commit } of before) needed.set(keyOf(stream, version), commit);
    const known = [...needed.keys()].flatMap(key => this.recent.find(key) ?? []);
    const asked = [...needed.keys()].filter(key => !known.some(({ keys: has }) => has.includes(key)));
    const options = { projection: { keys: 1, rank: 1 } } as const;
    const query = { keys: { $in: asked } };
    const found = asked.length === 0 ? [] : await this.call(() => this.commits.find(query, options).toArray());
    const all = [...known, ...found];
    const stands = [...needed].every(([key, commit]) =>
      all.some(({ _id, keys: has }) => has.includes(key) && (commit ?? _id) === _id),
    );
    return stands ? 1 + Math.max(0, ...all.map(({ rank }) => rank)) : undefined;
  }

  /** The commit that has this id already. @throws AppendConflict when there is none */
  private async first(id: string): Promise<Written> {
    const found = await this.call(() => this.commits.findOne({ _id: id }));
    if (!found) throw new AppendConflict();
    return writtenIn(found);
  }

  private async whole(stream: string): Promise<CommitDocument[]> {
    return this.call(() => this.commits.find({ streams: stream }, { sort: { rank: 1 } }).toArray());
  }

  /** What a stream has behind a version, looked up by version: most often that is little or nothing. */
  private async behind(stream: string, after: number): Promise<CommitDocument[]> {
    const found = new Map<string, CommitDocument>();
    for (let from = after + 1, many = FIRST_VERSIONS; ; many = Math.min(4 * many, MOST_VERSIONS)) {
      const keys = Array.from({ length: many }, (_, index) => keyOf(stream, from + index));
      const some = await this.call(() => this.commits.find({ keys: { $in: keys } }).toArray());
      for (const commit of some.sort((a, b) => a.rank - b.rank)) found.set(commit._id, commit);
      from += many;
      if (!some.some(commit => commit.keys.includes(keyOf(stream, from - 1)))) return [...found.values()];
    }
  }

  private async idOf(query: object): Promise<string | null> {
    const found = await this.call(() => this.commits.findOne(query, { projection: { _id: 1 } }));
    return found?._id ?? null;
  }

  /** By this process' clock, and never the same twice: who wrote first is placed first. */
  private time(): number {
    this.lastTime = Math.max(this.now(), this.lastTime + 0.001);
    return this.lastTime;
  }
}

// An append-only log of commits: optimistic concurrency per stream, gapless positions over all, one document per
// commit.
import { randomUUID } from "node:crypto";
import type { EventOf, EventSchemas } from "../contract";
import { lastPosition } from "./last-position";
import { type Append, Loaded } from "./loaded";
import { identityOf } from "./log-identity";
import type { Caused, Metadata } from "./metadata";
import { type Evolve, keyOf, StreamReader } from "./stream-reader";
import { type Collection, DuplicateKey, type Store } from "../store/store";

/** An event as recorded. `version` counts from 1 within its stream (`aggregateId`); `timestamp` is RFC 3339, UTC. */
export interface Recorded {
  id: string;
  type: string;
  aggregateId: string;
  version: number;
  data: unknown;
  timestamp: string;
}
/** The recorded events of one service, discriminated by `type`. */
export type RecordedOf<S extends EventSchemas> = Recorded & EventOf<S>;

/** One atomic write. `_id` is its position in the log: 1, 2, 3, … */
export interface Commit<S extends EventSchemas> {
  _id: number;
  commitId: string;
  /** `stream:version` of every event; unique, so that of two writers at one version one wins. */
  keys: string[];
  streams: string[];
  events: RecordedOf<S>[];
  /** Absent in commits older than this, and where nobody is known to have asked. */
  metadata?: Metadata;
}

/** Another writer was faster: load the stream again and decide again. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  constructor(readonly streams: readonly string[]) {
    super(`Another writer changed ${streams.join(", ")}`);
  }
}

export class EventStore<S extends EventSchemas> {
  private readonly listeners = new Set<(position: number) => void>();
  /** The newest position this process knows of; the log may be longer when others write too. */
  private knownHead = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly streams: StreamReader<RecordedOf<S>>;

  private constructor(
    private readonly log: Collection<Commit<S>>,
    private readonly now: () => Date,
    /** The log's own id: another one is another log. */
    readonly id: string,
  ) {
    this.streams = new StreamReader(log);
  }

  static async open<S extends EventSchemas>(store: Store, now: () => Date): Promise<EventStore<S>> {
    const log = await store.collection<Commit<S>>("log", [{ field: "keys", unique: true }, { field: "streams" }]);
    const opened = new EventStore<S>(log, now, await identityOf(log));
    await opened.head();
    return opened;
  }

  /** Calls `listener` after every commit of this process, with its position. */
  onCommit(listener: (position: number) => void): void {
    this.listeners.add(listener);
  }

  /**
   * Appends to one or several streams in one atomic commit. A repeated `commitId` returns the first commit.
   * @throws VersionConflict when a stream does not stand at its expected version; nothing is written then
   * @throws StoreUnavailable when the outcome is not known; repeat with the same `commitId` to find out
   */
  async append(
    appends: readonly Append<EventOf<S>>[],
    commitId: string = randomUUID(),
    metadata?: Metadata,
  ): Promise<Commit<S>> {
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length)
      throw new Error("A commit appends once to each stream.");
    await this.refuseGaps(appends);
    const result = this.queue.then(() => this.commit(appends, commitId, metadata));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /**
   * The events of one stream after a version, oldest first. Costs as many reads as there are such commits, plus one.
   */
  getEvents(stream: string, afterVersion = 0): Promise<RecordedOf<S>[]> {
    return this.streams.events(stream, afterVersion);
  }

  /** All events of one stream, oldest first, each with what its commit says of who caused it. */
  history(stream: string): Promise<Caused<RecordedOf<S>>[]> {
    return this.streams.history(stream);
  }

  /** What the events of one stream make of a state, which may be one that a read model had at some version. */
  load<T>(stream: string, evolve: Evolve<T, RecordedOf<S>>, start: T, startVersion = 0): Promise<Loaded<T>> {
    return this.streams.load(new Loaded(stream, startVersion, start), evolve);
  }

  /**
   * The stream as it is now, from where it was loaded on. One read when nothing has happened since.
   * @returns undefined when the log does not have what was loaded: then it was exchanged, and is to be read anew
   */
  loadOn<T>(seen: Loaded<T>, evolve: Evolve<T, RecordedOf<S>>): Promise<Loaded<T> | undefined> {
    return this.streams.loadOn(seen, evolve);
  }

  /** Whether the stream has an event of this version. One index lookup. */
  async has(stream: string, version: number): Promise<boolean> {
    return (await this.log.count({ keys: keyOf(stream, version) })) > 0;
  }

  /** Up to `limit` commits after a position, in order, without gaps. */
  async read(after: number, limit: number): Promise<Commit<S>[]> {
    // Positions have no gaps, so a bounded range needs no sort over the rest of the log.
    return this.log.find({ query: { _id: { $gt: after, $lte: after + limit } }, sort: ["_id"] });
  }

  /**
   * The id of the commit at a position; null when there is none. Where one must be and is not, the log was exchanged
   * under us.
   */
  async idAt(position: number): Promise<string | null> {
    const commit = position > 0 ? await this.log.get(position) : null;
    if (position > 0 && !commit) this.knownHead = 0;
    return commit?.commitId ?? null;
  }

  /**
   * The position of the newest commit; 0 when there is none. Looks further than this process knows, in O(log n) reads.
   */
  async head(): Promise<number> {
    const found = await lastPosition(this.knownHead, async position => (await this.log.get(position)) !== null);
    this.knownHead = Math.max(this.knownHead, found);
    return this.knownHead;
  }

  private async commit(
    appends: readonly Append<EventOf<S>>[],
    commitId: string,
    metadata: Metadata | undefined,
  ): Promise<Commit<S>> {
    const timestamp = this.now().toISOString();
    const events = appends.flatMap(({ stream, expectedVersion, events: list }) =>
      list.map((event, index) => {
        const version = expectedVersion + index + 1;
        return {
          id: `${stream}-${version}`,
          type: event.type,
          aggregateId: stream,
          version,
          data: event.data,
          timestamp,
        } as RecordedOf<S>;
      }),
    );
    const streams = appends.map(({ stream }) => stream);
    const keys = events.map(event => keyOf(event.aggregateId, event.version));
    for (;;) {
      const place = { _id: this.knownHead + 1, commitId, keys, streams, events };
      const commit: Commit<S> = metadata === undefined ? place : { ...place, metadata };
      try {
        await this.log.insert(commit);
        this.knownHead = commit._id;
        for (const listener of this.listeners) listener(commit._id);
        return commit;
      } catch (error) {
        if (!(error instanceof DuplicateKey)) throw error;
      }
      const taken = await this.log.findOne({ keys: { $in: keys } });
      if (taken?.commitId === commitId) return taken;
      if (taken) throw new VersionConflict(streams);
      await this.head();
    }
  }

  /** Needs no turn in the queue: an event that is there stays there. */
  private async refuseGaps(appends: readonly Append<EventOf<S>>[]): Promise<void> {
    const present = appends.map(async ({ stream, expectedVersion, expectedCommit }) => {
      if (expectedVersion === 0) return true;
      const commit = expectedCommit === undefined ? {} : { commitId: expectedCommit };
      return (await this.log.count({ keys: keyOf(stream, expectedVersion), ...commit })) > 0;
    });
    const gap = (await Promise.all(present)).indexOf(false);
    if (gap >= 0) throw new VersionConflict([appends[gap]?.stream ?? ""]);
  }
}

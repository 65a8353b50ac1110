// The log of one service: its events by stream, several streams in one commit, each at the version that was decided on.
import { randomUUID } from "node:crypto";
import type { EventOf, EventSchemas } from "../contract";
import type { Append, Loaded } from "./loaded";
import type { Caused, Metadata } from "./metadata";
import { type SnapshotDocument, Snapshots } from "./snapshots";
import { type Fold, StreamReader } from "./stream-reader";
import { AppendConflict, type Draft, type Log, type StoredEvent, type Written } from "../store/log";
import type { Store } from "../store/store";

/** An event as recorded, whatever its type. */
export type Recorded = StoredEvent;
/** The recorded events of one service, discriminated by `type`. */
export type RecordedOf<S extends EventSchemas> = Recorded & EventOf<S>;

/** One atomic write. */
export interface Commit<S extends EventSchemas> {
  readonly id: string;
  readonly events: readonly RecordedOf<S>[];
  /** Absent in commits older than this, and where nobody is known to have asked. */
  readonly metadata?: Metadata;
  /** Its place in the log: 1, 2, 3, … It may be given a moment later. */
  readonly position?: number;
}
export type PlacedCommit<S extends EventSchemas> = Commit<S> & { readonly position: number };

/** Another writer was faster: load the stream again and decide again. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  constructor(readonly streams: readonly string[]) {
    super(`Another writer changed ${streams.join(", ")}`);
  }
}

/** What is to be written, and what has to be there for it. */
const draftOf = <S extends EventSchemas>(
  appends: readonly Append<EventOf<S>>[],
  id: string,
  timestamp: string,
  metadata: Metadata | undefined,
): Draft => ({
  id,
  events: appends.flatMap(({ stream, expectedVersion, events }) =>
    events.map(({ type, data }, index) => {
      const version = expectedVersion + index + 1;
      return { id: `${stream}-${version}`, type, aggregateId: stream, version, data, timestamp };
    }),
  ),
  before: appends
    .filter(({ expectedVersion }) => expectedVersion > 0)
    .map(({ stream, expectedVersion: version, expectedCommit: commit }) => ({ stream, version, commit })),
  ...(metadata === undefined ? {} : { metadata }),
});

export class EventStore<S extends EventSchemas> {
  private readonly listeners = new Set<(position: number | undefined) => void>();
  private readonly streams: StreamReader<RecordedOf<S>>;

  private constructor(
    private readonly log: Log,
    private readonly snapshots: Snapshots,
    private readonly now: () => Date,
  ) {
    this.streams = new StreamReader(log, snapshots);
  }

  static async open<S extends EventSchemas>(store: Store, now: () => Date): Promise<EventStore<S>> {
    const snapshots = new Snapshots(await store.collection<SnapshotDocument>("snapshots"));
    return new EventStore<S>(await store.log(), snapshots, now);
  }

  /** The log's own id: another one is another log. */
  get id(): string {
    return this.log.id;
  }

  /** Calls `listener` after every commit of this process, with its position if it has one by then. */
  onCommit(listener: (position: number | undefined) => void): void {
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
    const streams = appends.map(({ stream }) => stream);
    if (new Set(streams).size < streams.length) throw new Error("A commit appends once to each stream.");
    const written = await this.write(draftOf(appends, commitId, this.now().toISOString(), metadata), streams);
    for (const listener of this.listeners) listener(written.position);
    return written as Commit<S>;
  }

  /** The events of one stream after a version, oldest first. One read. */
  getEvents(stream: string, afterVersion = 0): Promise<RecordedOf<S>[]> {
    return this.streams.events(stream, afterVersion);
  }

  /** All events of one stream, oldest first, each with what its commit says of who caused it. */
  history(stream: string): Promise<Caused<RecordedOf<S>>[]> {
    return this.streams.history(stream);
  }

  /** The stream as it is now, from its snapshot on if there is one. One read, two where there may be snapshots. */
  load<T>(kind: Fold<T, RecordedOf<S>>, stream: string): Promise<Loaded<T>> {
    return this.streams.load(kind, stream);
  }

  /**
   * The stream as it is now, from where it was loaded on. One look when nothing has happened since.
   * @returns undefined when the log does not have what was loaded: then it was exchanged, and is to be read anew
   */
  loadOn<T>(kind: Fold<T, RecordedOf<S>>, seen: Loaded<T>): Promise<Loaded<T> | undefined> {
    return this.streams.loadOn(kind, seen);
  }

  /** Keeps a snapshot, in the background, if it is time after an append that began at version `from`. */
  keepSnapshot<T>(kind: Fold<T, RecordedOf<S>>, loaded: Loaded<T>, from: number): void {
    this.snapshots.keepIfPassed(kind, loaded, from);
  }

  /** How far a stream has come; 0 when it has not begun. One look. */
  async versionOf(stream: string): Promise<number> {
    return (await this.log.tip(stream))?.version ?? 0;
  }

  /** Up to `limit` commits after a position, in order, without gaps. */
  async read(after: number, limit: number): Promise<PlacedCommit<S>[]> {
    return (await this.log.read(after, limit)) as PlacedCommit<S>[];
  }

  /** The id of the commit at a position; null when there is none. */
  async idAt(position: number): Promise<string | null> {
    return position > 0 ? this.log.at(position) : null;
  }

  /** The position of the newest commit; 0 when there is none. */
  head(): Promise<number> {
    return this.log.head();
  }

  private async write(draft: Draft, streams: readonly string[]): Promise<Written> {
    try {
      return await this.log.append(draft);
    } catch (error) {
      throw error instanceof AppendConflict ? new VersionConflict(streams) : error;
    }
  }
}

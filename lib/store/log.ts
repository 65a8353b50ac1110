// A log as both stores keep it: atomic commits over several streams, each event once at its version, positions without
// gaps.

/** An event as it is kept. `version` counts from 1 within its stream, which is named by `aggregateId`. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly data: unknown;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
}

/** What has to stand in the log for a commit to be appended: that a stream has come to a version, by a commit. */
export interface Before {
  readonly stream: string;
  /** From 1. */
  readonly version: number;
  /** The id of the commit that this version is from, where it is known. */
  readonly commit?: string | undefined;
}

/** One atomic write. */
export interface Draft {
  /** Appending it again is no second commit. */
  readonly id: string;
  /** In the order of their versions, stream by stream; each at the version after the one that its stream has. */
  readonly events: readonly StoredEvent[];
  /** Of each stream that has begun already: where it stood when this was decided. */
  readonly before: readonly Before[];
  readonly metadata?: object;
}

/** A commit as it was written. Its position may be given a moment later. */
export type Written = Omit<Draft, "before"> & { readonly position?: number };

/** A commit that has its place: 1, 2, 3, … */
export type Placed = Written & { readonly position: number };

/** A stream does not stand where it must: nothing was written. */
export class AppendConflict extends Error {
  override readonly name = "AppendConflict";
  constructor() {
    super("Another commit was there before.");
  }
}

/** Every method fails with StoreUnavailable when the database does not answer in time. */
export interface Log {
  /** The log's own id, which goes where its commits go: another one is another log. */
  readonly id: string;
  /**
   * Appends all of it or nothing. When a commit with this id is there already, that one is the answer.
   * @throws AppendConflict, StoreUnavailable (then it is not known whether it was written: ask with the same id again)
   */
  append(draft: Draft): Promise<Written>;
  /** The commits with events of a stream behind a version, by version. */
  stream(stream: string, after: number): Promise<Written[]>;
  /** How far a stream has come, and by which commit; null when it has not begun. */
  tip(stream: string): Promise<{ readonly version: number; readonly commit: string } | null>;
  /** The id of the commit that brought a stream to a version; null when it has not come so far. */
  commitAt(stream: string, version: number): Promise<string | null>;
  /**
   * Up to `limit` commits behind a position, in order, without gaps. Whatever was acknowledged before the call is
   * placed by then.
   */
  read(after: number, limit: number): Promise<Placed[]>;
  /** The id of the commit at a position; null when there is none. */
  at(position: number): Promise<string | null>;
  /** The newest position, 0 when there is none; whatever was acknowledged before the call is counted. */
  head(): Promise<number>;
}

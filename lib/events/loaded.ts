// A stream as it was read, and what is to be appended to it: at the version that was read, and at no other.

/**
 * What to append to one stream, decided while it stood at `expectedVersion` (0: it does not exist yet). Made by
 * `Loaded`.
 */
export interface Append<E> {
  stream: string;
  expectedVersion: number;
  /**
   * The commit that this version is from, where it is known: another one is another story, such as a restored log's.
   */
  expectedCommit?: string | undefined;
  events: readonly E[];
}

/** A stream as it was read. What is decided on its state is appended at the version of that state, and at no other. */
export class Loaded<T> {
  /** @param commitId the commit that brought the stream to this version; undefined at version 0, or when not known */
  constructor(
    readonly stream: string,
    readonly version: number,
    readonly state: T,
    readonly commitId?: string | undefined,
  ) {}

  append<E>(events: readonly E[]): Append<E> {
    const { stream, version: expectedVersion, commitId: expectedCommit } = this;
    return { stream, expectedVersion, ...(expectedCommit === undefined ? {} : { expectedCommit }), events };
  }
}

/** A stream that is about to begin; of several who begin it one wins. */
export const unwritten = (stream: string): Loaded<null> => new Loaded(stream, 0, null);

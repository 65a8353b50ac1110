// Reads one stream out of a log of commits: its events, and the state that they make.
import type { Collection } from "../store/store";
import { Loaded } from "./loaded";
import type { Caused, Metadata } from "./metadata";

interface Numbered {
  aggregateId: string;
  version: number;
}
interface CommitWith<E> {
  readonly _id: number;
  commitId: string;
  keys: string[];
  events: E[];
  metadata?: Metadata;
}
/** The state after an event. */
export type Evolve<T, E> = (state: T, event: E) => T;

/** What a commit has of each of its events; a unique index. */
export const keyOf = (stream: string, version: number): string => `${stream}:${version}`;

/** A stream's events after a version in some of its commits, oldest first. */
const eventsIn = <E extends Numbered>(commits: readonly CommitWith<E>[], stream: string, after: number): E[] =>
  commits
    .flatMap(commit => commit.events)
    .filter(event => event.aggregateId === stream && event.version > after)
    .sort((a, b) => a.version - b.version);

/** The state after those events of some commits that come after it. */
const fold = <T, E extends Numbered>(
  { stream, version, state, commitId }: Loaded<T>,
  commits: readonly CommitWith<E>[],
  evolve: Evolve<T, E>,
): Loaded<T> => {
  const events = eventsIn(commits, stream, version);
  const last = events.at(-1)?.version ?? version;
  const by = events.length > 0 ? commits.find(({ keys }) => keys.includes(keyOf(stream, last)))?.commitId : commitId;
  const folded = events.reduce((before, event) => evolve(before, event), state);
  return new Loaded(stream, last, folded, by);
};

export class StreamReader<E extends Numbered> {
  constructor(private readonly log: Pick<Collection<CommitWith<E>>, "find" | "findOne">) {}

  /**
   * The events of one stream after a version, oldest first. Costs as many reads as there are such commits, plus one.
   */
  async events(stream: string, afterVersion: number): Promise<E[]> {
    return eventsIn(await this.commits(stream, afterVersion), stream, afterVersion);
  }

  /** The events of one stream from the beginning, oldest first, each with what its commit says of who caused it. */
  async history(stream: string): Promise<Caused<E>[]> {
    const commits = (await this.commits(stream, 0)).map(({ events, metadata, ...commit }) => ({
      ...commit,
      events: metadata === undefined ? events : events.map(event => ({ ...event, metadata })),
    }));
    return eventsIn<Caused<E>>(commits, stream, 0);
  }

  /** What the events after `start` make of it. */
  async load<T>(start: Loaded<T>, evolve: Evolve<T, E>): Promise<Loaded<T>> {
    return fold(start, await this.commits(start.stream, start.version), evolve);
  }

  /**
   * The stream as it is now, from where it was loaded on. One read when nothing has happened since.
   * @returns undefined when the log does not have what was loaded: then it was exchanged, and is to be read anew
   */
  async loadOn<T>(
    { stream, version, state, commitId }: Loaded<T>,
    evolve: Evolve<T, E>,
  ): Promise<Loaded<T> | undefined> {
    const [own, next] = [keyOf(stream, version), keyOf(stream, version + 1)];
    const found = await this.log.find({ query: { keys: { $in: version > 0 ? [own, next] : [next] } } });
    const reached = found.find(({ keys }) => keys.includes(own));
    if (version > 0 && (!reached || (commitId !== undefined && reached.commitId !== commitId))) return undefined;
    const read = fold(new Loaded(stream, version, state, reached?.commitId), found, evolve);
    return read.version === version ? read : this.load(read, evolve);
  }

  private async commits(stream: string, afterVersion: number): Promise<CommitWith<E>[]> {
    if (afterVersion === 0) return this.log.find({ query: { streams: stream } });
    const commits: CommitWith<E>[] = [];
    for (let next = afterVersion + 1; ;) {
      const commit = await this.log.findOne({ keys: keyOf(stream, next) });
      if (!commit) return commits;
      commits.push(commit);
      next = 1 + Math.max(...commit.events.filter(event => event.aggregateId === stream).map(event => event.version));
    }
  }
}

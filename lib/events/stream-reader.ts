// Reads one stream out of a log: its events, and the state that they make.
import type { Log, StoredEvent, Written } from "../store/log";
import { StoreUnavailable } from "../store/store";
import { Loaded } from "./loaded";
import type { Caused, Metadata } from "./metadata";
import type { SnapshotKind, Snapshots } from "./snapshots";

/** How the events of one kind of stream become a state. States are remembered: nobody may change them in place. */
export interface Fold<T, E> {
  /** The state of a stream that does not exist yet. */
  readonly initial: T;
  evolve(state: T, event: E): T;
  /** For streams that may become long: their states are kept, as JSON, and reading begins there. */
  readonly snapshots?: SnapshotKind;
}

/** The events of a stream in commits of which each has some, after a version. */
const eventsIn = <E extends StoredEvent>(commit: Written, stream: string, after: number): E[] =>
  commit.events.filter(event => event.aggregateId === stream && event.version > after) as E[];

/** A stream after those events of some commits that come after where it stands. */
export const foldOn = <T, E extends StoredEvent>(
  fold: Fold<T, E>,
  start: Loaded<T>,
  commits: readonly Written[],
): Loaded<T> => {
  const { stream } = start;
  let { version, state, commitId } = start;
  for (const commit of commits) {
    for (const event of eventsIn<E>(commit, stream, version)) {
      state = fold.evolve(state, event);
      ({ version } = event);
      commitId = commit.id;
    }
  }
  return version === start.version ? start : new Loaded(stream, version, state, commitId);
};

export class StreamReader<E extends StoredEvent> {
  constructor(
    private readonly log: Pick<Log, "stream" | "tip">,
    private readonly snapshots: Snapshots,
  ) {}

  /** The events of one stream after a version, oldest first. One read. */
  async events(stream: string, after: number): Promise<E[]> {
    return (await this.log.stream(stream, after)).flatMap(commit => eventsIn<E>(commit, stream, after));
  }

  /** The events of one stream from the beginning, oldest first, each with what its commit says of who caused it. */
  async history(stream: string): Promise<Caused<E>[]> {
    return (await this.log.stream(stream, 0)).flatMap(commit => {
      const events = eventsIn<E>(commit, stream, 0);
      const metadata = commit.metadata as Metadata | undefined;
      return metadata === undefined ? events : events.map(event => ({ ...event, metadata }));
    });
  }

  /** The stream as it is now, from its snapshot on if there is one. One read, two where there may be snapshots. */
  async load<T>(fold: Fold<T, E>, stream: string): Promise<Loaded<T>> {
    const snapshot = await this.snapshots.find<T>(fold, stream);
    const continued = snapshot && (await this.continueFrom(fold, snapshot));
    const loaded = continued ?? foldOn(fold, new Loaded(stream, 0, fold.initial), await this.log.stream(stream, 0));
    if (snapshot && !continued) this.snapshots.discard(fold, stream);
    this.snapshots.keepIfDue(fold, loaded, continued ? (snapshot?.version ?? 0) : 0);
    return loaded;
  }

  /**
   * The stream as it is now, from where it was loaded on. One look when nothing has happened since.
   * @returns undefined when the log does not have what was loaded: then it was exchanged, and is to be read anew
   */
  async loadOn<T>(fold: Fold<T, E>, seen: Loaded<T>): Promise<Loaded<T> | undefined> {
    const tip = await this.log.tip(seen.stream);
    const version = tip?.version ?? 0;
    if (version < seen.version) return undefined;
    if (version === seen.version)
      return seen.commitId === undefined || tip?.commit === seen.commitId ? seen : undefined;
    return this.readOn(fold, seen);
  }

  /** As it is now, from a state on; undefined when the log does not have the commit that this state is from. */
  private async readOn<T>(fold: Fold<T, E>, from: Loaded<T>): Promise<Loaded<T> | undefined> {
    // With the commit that the state is from, which says whether it is this log's.
    const commits = await this.log.stream(from.stream, Math.max(0, from.version - 1));
    const isThisLogs = from.commitId === undefined || commits[0]?.id === from.commitId;
    return isThisLogs ? foldOn(fold, from, commits) : undefined;
  }

  /** As readOn; undefined also when what was kept is nothing that events can be applied to. */
  private async continueFrom<T>(fold: Fold<T, E>, snapshot: Loaded<T>): Promise<Loaded<T> | undefined> {
    try {
      return await this.readOn(fold, snapshot);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return undefined;
    }
  }
}

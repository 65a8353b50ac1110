// One attempt at a command: remembers what was loaded for it, commits what was decided, and knows the states
// afterwards.
import { randomUUID } from "node:crypto";
import type { EventOf, EventSchemas } from "../contract";
import { type Commit, type EventStore, type RecordedOf, VersionConflict } from "./event-store";
import { type Append, Loaded } from "./loaded";
import type { Cause } from "./metadata";
import type { StateCache } from "./state-cache";
import { type Fold, foldOn } from "./stream-reader";
import { untilKnown } from "./until-known";

/** How the events of one kind of stream become a state. */
export type Aggregate<S extends EventSchemas, T> = Fold<T, RecordedOf<S>>;

/** What an attempt has appended, if anything. */
export interface Committed<S extends EventSchemas> {
  readonly events: readonly RecordedOf<S>[];
  /** The state of what was loaded, afterwards. */
  stateOf<T>(loaded: Loaded<T>): T;
}

interface Reader<S extends EventSchemas> {
  load<T>(kind: Aggregate<S, T>, stream: string): Promise<Loaded<T>>;
}
interface Known<S extends EventSchemas> {
  /** Whether it is remembered, and nobody has looked into the log since. */
  remembered: boolean;
  /** Reads it as it is now. */
  now(): Promise<Loaded<unknown>>;
  /** As some events leave it; kept for the next command. */
  after(commit: Commit<S>): Loaded<unknown>;
}

export class UnitOfWork<S extends EventSchemas> {
  private readonly known = new Map<Loaded<unknown>, Known<S>>();
  /** From then on the attempt is not repeated, whatever happens: it may have been done. */
  private sent = false;

  constructor(
    private readonly reader: Reader<S>,
    private readonly log: Pick<EventStore<S>, "append" | "keepSnapshot">,
    private readonly states: StateCache,
    private readonly options: { mayRemember: boolean; cause: Cause },
  ) {}

  /** A stream to decide on: as it is remembered, if this is the first attempt, or else as the log has it. */
  async load<T>(kind: Aggregate<S, T>, stream: string): Promise<Loaded<T>> {
    const memory = this.options.mayRemember ? (this.states.get(kind, stream) as Loaded<T> | undefined) : undefined;
    return this.know(kind, memory ?? (await this.reader.load(kind, stream)), memory !== undefined);
  }

  /**
   * As load, for a stream that most often has not begun: the first attempt is decided as if it had not, unless it is
   * remembered. Whether that is so, the commit checks, or a look when there is none.
   */
  loadNew<T>(kind: Aggregate<S, T>, stream: string): Promise<Loaded<T>> {
    if (this.options.mayRemember && !this.states.get(kind, stream))
      return Promise.resolve(this.know(kind, new Loaded(stream, 0, kind.initial), true));
    return this.load(kind, stream);
  }

  /** A stream that is about to begin, without a look whether it has: the commit will tell. */
  begin<T>(kind: Aggregate<S, T>, stream: string): Loaded<T> {
    return this.know(kind, new Loaded(stream, 0, kind.initial), false);
  }

  /**
   * Appends to all these streams or to none; appends without events are left out.
   * @throws VersionConflict when something that was loaded is not so any more
   * @throws StoreUnavailable when it is not known whether it was appended, and nobody waits for it any more
   */
  async commit(appends: readonly Append<EventOf<S>>[]): Promise<Committed<S>> {
    const decided = appends.filter(({ events }) => events.length > 0);
    if (decided.length === 0) return { events: [], stateOf: loaded => loaded.state };
    if (this.sent) throw new Error("An attempt commits once.");
    const streams = new Set(decided.map(({ stream }) => stream));
    await this.verify(streams);
    this.sent = true;
    const commit = await this.append(decided);
    const next = new Map(
      [...this.known]
        .filter(([{ stream }]) => streams.has(stream))
        .map(([loaded, known]) => [loaded, known.after(commit)]),
    );
    return { events: commit.events, stateOf: <T>(loaded: Loaded<T>) => (next.get(loaded)?.state ?? loaded.state) as T };
  }

  /**
   * Looks whether what was remembered is so, except for streams that the append itself checks.
   * @throws VersionConflict when it is not
   */
  async verify(except: ReadonlySet<string> = new Set()): Promise<void> {
    if (this.sent) return;
    const doubtful = [...this.known].filter(([{ stream }, { remembered }]) => remembered && !except.has(stream));
    const changed = doubtful.map(async ([loaded, { now }]) => {
      const { version, commitId } = await now();
      return version !== loaded.version || (loaded.commitId !== undefined && commitId !== loaded.commitId);
    });
    if ((await Promise.all(changed)).includes(true)) throw new VersionConflict(doubtful.map(([{ stream }]) => stream));
  }

  /** An append may be done and its answer be lost: the same commit again tells. */
  private append(decided: readonly Append<EventOf<S>>[]): Promise<Commit<S>> {
    const { metadata, caller } = this.options.cause;
    const id = randomUUID();
    return untilKnown(() => this.log.append(decided, id, metadata), caller);
  }

  private know<T>(kind: Aggregate<S, T>, loaded: Loaded<T>, remembered: boolean): Loaded<T> {
    const { stream, version } = loaded;
    this.known.set(loaded, {
      remembered,
      now: () => this.reader.load(kind, stream),
      after: commit => {
        const next = foldOn(kind, loaded, [commit]);
        const first = commit.events.find(event => event.aggregateId === stream);
        if (first?.version === version + 1) {
          this.states.keep(kind, next);
          this.log.keepSnapshot(kind, next, version);
        } else this.states.forget(kind, stream);
        return next;
      },
    });
    return loaded;
  }
}

// The one place where commands are carried out: load, decide, append, and again when another writer was faster.
import { setTimeout } from "node:timers/promises";
import type { EventOf, EventSchemas } from "../contract";
import { Refusal } from "../refusal";
import { StoreUnavailable } from "../store/store";
import { type EventStore, VersionConflict } from "./event-store";
import type { Once } from "./idempotency";
import { KeyedLock } from "./keyed-lock";
import type { Append, Loaded } from "./loaded";
import { StateCache } from "./state-cache";
import { type Aggregate, UnitOfWork } from "./unit-of-work";
import type { Cause } from "./metadata";

const MAX_ROUNDS = 100;
/** States that are kept of each kind of stream. */
const MAX_STATES = 5000;

export interface CommandOptions {
  /**
   * What callers in this process should rather wait for each other for than race: it saves rounds, and decides nothing.
   */
  streams?: readonly string[];
  /** Its metadata is kept with the commit, and an append of unknown outcome is repeated while somebody waits for it. */
  cause?: Cause | undefined;
}

/** Waits a moment that grows with the rounds, and is another one for each of those who collided. */
const beforeRound = (round: number) => setTimeout(Math.random() * Math.min(round, 20));

/**
 * Repeats load–decide–append until no other writer comes in between.
 * @throws StoreUnavailable when that never happens
 */
const decideAgainOnConflict = async <T>(attempt: (round: number) => Promise<T>): Promise<T> => {
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    try {
      return await attempt(round);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
    await beforeRound(round);
  }
  throw new StoreUnavailable(`No success in ${MAX_ROUNDS} rounds against other writers`);
};

/**
 * Carries out the commands of one service on its log. It starts from states that it remembers, which may have been
 * overtaken by another process: what is appended is checked by the append, and what ends without one (a refusal,
 * nothing to do) by a look into the log. Either way it is then decided again, on what is there.
 */
export class CommandHandler<S extends EventSchemas> {
  private readonly lock = new KeyedLock();
  private readonly states: StateCache;

  constructor(
    private readonly events: EventStore<S>,
    { maxStates = MAX_STATES }: { maxStates?: number } = {},
  ) {
    this.states = new StateCache(maxStates);
  }

  /** A stream as the log has it now. One look when it is as this process last saw it. */
  async load<T>(kind: Aggregate<S, T>, stream: string): Promise<Loaded<T>> {
    const seen = this.states.get(kind, stream) as Loaded<T> | undefined;
    let loaded = seen && (await this.events.loadOn(kind, seen));
    if (!loaded) {
      this.states.forget(kind, stream);
      loaded = await this.events.load(kind, stream);
    }
    this.states.keep(kind, loaded);
    return loaded;
  }

  /** A stream as this process last saw it, without a look into the log; undefined when it does not remember it. */
  remembered<T>(kind: Aggregate<S, T>, stream: string): T | undefined {
    return (this.states.get(kind, stream) as Loaded<T> | undefined)?.state;
  }

  /**
   * Runs an attempt that loads, decides and commits, until no other writer comes in between: it must bear to be run
   * again. What it does outside of the log, it does again.
   * @throws what the attempt throws, once it is certain that it was decided on what the log has
   * @throws StoreUnavailable when other writers always were faster
   */
  handle<R>(
    attempt: (work: UnitOfWork<S>) => Promise<R>,
    { streams = [], cause = {} }: CommandOptions = {},
  ): Promise<R> {
    return this.lock.run(streams, () =>
      decideAgainOnConflict(async round => {
        const work = new UnitOfWork(this, this.events, this.states, { mayRemember: round === 1, cause });
        try {
          const result = await attempt(work);
          await work.verify();
          return result;
        } catch (error) {
          if (!(error instanceof VersionConflict)) await work.verify();
          throw error;
        }
      }),
    );
  }

  /** Decides on one stream and appends what was decided, if anything. The state afterwards. */
  change<T>(
    kind: Aggregate<S, T>,
    stream: string,
    decide: (state: T) => readonly EventOf<S>[],
    options: CommandOptions = {},
  ): Promise<T> {
    return this.handle(async work => {
      const loaded = await work.load(kind, stream);
      return (await work.commit([loaded.append(decide(loaded.state))])).stateOf(loaded);
    }, options);
  }

  /**
   * Begins a stream once: whoever comes later, or loses against somebody who begins it at the same time, is given what
   * is there. `begin` says what to append, to this stream and to others.
   * @throws Refusal what `begin` refuses with, unless the stream has begun meanwhile
   */
  createOnce<T>(
    kind: Aggregate<S, T>,
    stream: string,
    begin: (blank: Loaded<T>, work: UnitOfWork<S>) => Promise<readonly Append<EventOf<S>>[]>,
    options: CommandOptions = {},
  ): Promise<Once<T>> {
    return this.handle(async work => {
      const loaded = await work.load(kind, stream);
      if (loaded.version > 0) return { made: loaded.state, replayed: true };
      try {
        const committed = await work.commit(await begin(loaded, work));
        return { made: committed.stateOf(loaded), replayed: false };
      } catch (error) {
        // Such as a name that is taken: by the very one who was faster with the same request.
        if (error instanceof Refusal && (await this.events.versionOf(stream)) > 0) throw new VersionConflict([stream]);
        throw error;
      }
    }, options);
  }
}

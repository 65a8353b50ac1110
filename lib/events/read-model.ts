// A read model that is never behind when it is read: it catches up with its log before each reading, and soon after
// writes.
import { Coalesced } from "../coalesced";
import type { EventSchemas } from "../contract";
import { Rounds } from "../rounds";
import { type Collection, type Store, StoreUnavailable, type Versioned } from "../store/store";
import type { Log } from "../store/log";
import { LogChanged } from "./checkpoint";
import { currentOf, type ModelDocument, openGeneration, openModels } from "./generation";
import type { Projection, Shown } from "./projection";
import { Projector, type ProjectorOptions } from "./projector";

/** Milliseconds after a commit within which it is brought in, together with those that follow it. */
const SOON_MS = 20;

/** Milliseconds for which a generation stays that is not shown any more: somebody may just be reading it. */
export const KEPT_MS = 10_000;

/** What happens to a read model while its service runs, whoever reads it. */
export interface Background {
  /** Why it can not be read until a person has decided; undefined when all is well, or just not there. */
  readonly trouble: string | undefined;
  /** Catches up, and again and again from then on; resolves after the first time, also when that failed. */
  begin(onError: (error: unknown, failures: number) => void): Promise<void>;
  /** There is a new commit. */
  nudge(): void;
  stop(): Promise<void>;
}

export class ReadModel<S extends EventSchemas, T, D extends Versioned> implements Background {
  private readonly looks = new Coalesced(() => this.look());
  private rounds: Rounds | undefined;
  private timer: NodeJS.Timeout | undefined;
  private changed: LogChanged | undefined;
  /** When it was last known which generation is shown. */
  private seenAt = -Infinity;

  private constructor(
    private readonly store: Store,
    private readonly projection: Projection<S, T, D>,
    private readonly log: Log,
    private readonly models: Collection<ModelDocument>,
    private projector: Projector<S, T, D>,
    private readonly also: ProjectorOptions<S>["also"],
  ) {}

  /** @param also what else follows from an event of the log, once or again */
  static async open<S extends EventSchemas, T, D extends Versioned>(
    store: Store,
    projection: Projection<S, T, D>,
    also?: ProjectorOptions<S>["also"],
  ): Promise<ReadModel<S, T, D>> {
    const [log, models] = [await store.log(), await openModels(store)];
    const generation = await openGeneration(store, projection, await currentOf(models, projection.name));
    const projector = new Projector(projection, log, generation, { also });
    return new ReadModel(store, projection, log, models, projector, also);
  }

  get trouble(): string | undefined {
    return this.changed?.message;
  }

  /**
   * What a query finds, which sees all that was acknowledged, by any process, before this call.
   * @throws StoreUnavailable also when the log is not the one that is shown
   */
  async read<R>(query: (shown: Shown<D>) => Promise<R>): Promise<R> {
    for (;;) {
      await this.upToDate();
      const { seenAt, projector } = this;
      const found = await query(projector.generation);
      // A process that was asleep may have read what has been dropped meanwhile.
      if (performance.now() - seenAt < KEPT_MS / 2) return found;
    }
  }

  /** The state that an entry shows, which the log may be ahead of: a place to start from. */
  async lastSeen(id: D["_id"]): Promise<T> {
    const entry = await this.projector.generation.entries.get(id);
    return entry ? this.projection.stateOf(entry) : this.projection.initial;
  }

  /** The entries as they are, which the log may be ahead of: for what needs no more, or changes volatile fields. */
  get entries(): Collection<D> {
    return this.projector.generation.entries;
  }

  async begin(onError: (error: unknown, failures: number) => void): Promise<void> {
    const work = () => {
      this.projector.doubt();
      return this.looks.ask();
    };
    this.rounds = new Rounds({ work, onError });
    await this.rounds.nudge();
  }

  nudge(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.looks.ask().catch(() => this.rounds?.nudge());
    }, SOON_MS).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.rounds?.stop();
    await this.looks.settled();
  }

  private async upToDate(): Promise<void> {
    try {
      await this.looks.ask();
    } catch (error) {
      if (error instanceof LogChanged) throw new StoreUnavailable(`It does not fit its log: ${error.message}`);
      throw error;
    }
  }

  /** Looks which generation is shown and how far the log is, and catches up. */
  private async look(): Promise<void> {
    const began = performance.now();
    const [name, head] = await Promise.all([currentOf(this.models, this.projection.name), this.log.head()]);
    const { projection, log, also } = this;
    if (name !== this.projector.generation.name)
      this.projector = new Projector(projection, log, await openGeneration(this.store, projection, name), { also });
    this.seenAt = began;
    try {
      if (head !== this.projector.reached) await this.projector.catchUp(head);
      this.changed = undefined;
    } catch (error) {
      if (error instanceof LogChanged) this.changed = error;
      throw error;
    }
  }
}

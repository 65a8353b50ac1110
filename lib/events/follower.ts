// Follows a feed from a checkpoint: in order, at least once, and no further when the log is not the one that was
// followed.
import { type Checkpoint, logChange, type LogChanged, type Page, type Place, placeIn } from "./checkpoint";
import type { EventSchemas } from "../contract";
import { Rounds } from "../rounds";
import type { RecordedOf } from "./event-store";

export interface FollowerOptions<S extends EventSchemas> {
  /** Reads the feed; a remote `feed` action or the service's own log. */
  read(after: number, limit: number): Promise<Page>;
  checkpoint: Checkpoint;
  /** Applies one event. Must bear to see it again: after a crash a batch is repeated. */
  apply(event: RecordedOf<S>): Promise<void> | void;
  /** Called when a round failed, with how many have failed in a row; the follower tries again by itself. */
  onError(error: unknown, failures: number): void;
  /** Between looks when no nudge comes. */
  intervalMs?: number;
  /** Between looks, at most, while they fail. */
  maxBackoffMs?: number;
}

const BATCH = 200;

/**
 * Follows a feed: at least once, in order, from the checkpoint on. A nudge makes it fast, the regular look makes it
 * certain.
 */
export class Follower<S extends EventSchemas> {
  private readonly rounds: Rounds;
  private changed: LogChanged | undefined;

  constructor(private readonly options: FollowerOptions<S>) {
    const { intervalMs, maxBackoffMs } = options;
    this.rounds = new Rounds({
      work: () => this.drain(),
      onError: (error, failures) => options.onError(error, failures),
      intervalMs,
      maxBackoffMs,
    });
  }

  /** Why nothing is applied until a person has decided; undefined when all is well, or just not there. */
  get trouble(): string | undefined {
    return this.changed?.message;
  }

  /** How far it has come. */
  place(): Promise<Place> {
    return this.options.checkpoint.load();
  }

  /** Looks for news now; resolves when all that was there is applied (or the round failed and will be repeated). */
  nudge(): Promise<void> {
    return this.rounds.nudge();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async drain(): Promise<void> {
    let place = await this.options.checkpoint.load();
    for (;;) {
      const page = await this.options.read(place.position, BATCH);
      const changed = logChange(place, page);
      this.changed = changed;
      if (changed) throw changed;
      // A checkpoint that does not say in which log it stands learns it before anything else can happen to that log.
      if (place.log === undefined && place.position > 0)
        await this.options.checkpoint.save(placeIn(page, place.position, place));
      place = await this.applyAll(page, place);
      if (place.position >= page.head || page.commits.length === 0 || this.rounds.isStopped) return;
    }
  }

  /** Applies commits in order and saves how far it came, also when one of them fails. */
  private async applyAll(page: Page, from: Place): Promise<Place> {
    let { position } = from;
    try {
      for (const commit of page.commits) {
        if (this.rounds.isStopped) break;
        for (const event of commit.events) await this.options.apply(event as RecordedOf<S>);
        ({ position } = commit);
      }
    } finally {
      if (position > from.position) await this.options.checkpoint.save(placeIn(page, position, from));
    }
    return placeIn(page, position, from);
  }
}

// Follows a feed from a checkpoint: in order, at least once, and no further when the log is not the one that was
// followed.
import { type Checkpoint, logChange, LogChanged, type Page, type Place, placeIn } from "./checkpoint";
import type { EventSchemas } from "../contract";
import type { RecordedOf } from "./event-store";

export interface FollowerOptions<S extends EventSchemas> {
  /** Reads the feed; a remote `feed` action or the service's own log. */
  read(after: number, limit: number): Promise<Page>;
  checkpoint: Checkpoint;
  /** Applies one event. Must bear to see it again: after a crash a batch is repeated. */
  apply(event: RecordedOf<S>): Promise<void> | void;
  /** Called when a round failed, with how many have failed in a row; the follower tries again by itself. */
  onError(error: unknown, failures: number): void;
  /** Milliseconds between looks when no nudge comes. */
  interval?: number;
  /** Milliseconds between looks, at most, while they fail. */
  maxBackoff?: number;
}

const BATCH = 200;
const MAX_BACKOFF = 5000;

/**
 * Follows a feed: at least once, in order, from the checkpoint on. A nudge makes it fast, the regular look makes it
 * certain.
 */
export class Follower<S extends EventSchemas> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failures = 0;
  private changed: LogChanged | undefined;

  constructor(private readonly options: FollowerOptions<S>) {}

  /** Why nothing is applied until a person has decided; undefined when all is well, or just not there. */
  get trouble(): string | undefined {
    return this.changed?.message;
  }

  /** How far it has come. */
  place(): Promise<Place> {
    return this.options.checkpoint.load();
  }

  /** Looks for news now; resolves when all that was there is applied (or the round failed and will be repeated). */
  async nudge(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.round();
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const wait =
      this.failures > 0
        ? Math.min(100 * 2 ** this.failures, this.options.maxBackoff ?? MAX_BACKOFF)
        : (this.options.interval ?? 1000);
    this.timer = setTimeout(() => void this.nudge(), wait);
    this.timer.unref();
  }

  private async round(): Promise<void> {
    try {
      do {
        this.again = false;
        await this.drain();
      } while (this.again && !this.stopped);
      this.failures = 0;
      this.changed = undefined;
    } catch (error) {
      this.failures += 1;
      if (error instanceof LogChanged) this.changed = error;
      if (!this.stopped) this.options.onError(error, this.failures);
    }
    // In the same tick as the last look at `again`: a nudge in between would wait for nothing.
    this.running = undefined;
    this.schedule();
  }

  private async drain(): Promise<void> {
    let place = await this.options.checkpoint.load();
    for (;;) {
      const page = await this.options.read(place.position, BATCH);
      const changed = logChange(place, page);
      if (changed) throw changed;
      // A checkpoint that does not say in which log it stands learns it before anything else can happen to that log.
      if (place.log === undefined && place.position > 0)
        await this.options.checkpoint.save(placeIn(page, place.position, place));
      place = await this.applyAll(page, place);
      if (place.position >= page.head || page.commits.length === 0 || this.stopped) return;
    }
  }

  /** Applies commits in order and saves how far it came, also when one of them fails. */
  private async applyAll(page: Page, from: Place): Promise<Place> {
    let { position } = from;
    try {
      for (const commit of page.commits) {
        if (this.stopped) break;
        for (const event of commit.events) await this.options.apply(event as RecordedOf<S>);
        ({ position } = commit);
      }
    } finally {
      if (position > from.position) await this.options.checkpoint.save(placeIn(page, position, from));
    }
    return placeIn(page, position, from);
  }
}

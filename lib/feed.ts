// Durable events between services: serves a log as a feed, and follows another service's feed from a checkpoint.
import type { Feeds } from "../contracts/index";
import type { EventSchemas } from "./contract";
import type { EventStore, RecordedOf } from "./event-store";
import { bytesOf, fitting } from "./messages";
import type { Collection } from "./store";

/** What a feed answers: commits after a position, oldest first, and where the log ends. A page may hold fewer than asked for. */
export interface Page {
  commits: readonly { position: number; events: readonly unknown[] }[];
  head: number;
}

/** Bytes of JSON in a page, where more would fit: a page is read and printed in one go. */
const PAGE_SIZE = 400_000;

/** A commit that no message can carry stops its feed: loudly, and with what helps. */
export class CommitTooLarge extends Error {
  override readonly name = "CommitTooLarge";
  constructor(position: number, bytes: number, limit: number) {
    super(`Commit ${position} has ${bytes} bytes, and a message may have ${limit}. Raise max_payload of the NATS server (deploy/nats.conf) by ${bytes - limit} bytes or more; the feed then goes on by itself.`);
  }
}

/** How much a page may carry, in bytes; one commit may have more, if a message can take it. */
export interface Room {
  page: number;
  message: number;
}

const NO_LIMIT: Room = { page: Infinity, message: Infinity };

/**
 * Answers a feed request from the log. With `upTo`, as if the log ended at that position.
 * @throws CommitTooLarge when not even the first commit fits
 */
export const feedPage = async <S extends EventSchemas>(events: EventStore<S>, { after, limit }: { after: number; limit: number }, room: Room = NO_LIMIT, upTo = Number.MAX_SAFE_INTEGER) => {
  const found = (await events.read(after, Math.min(limit, upTo - after))).map(({ _id: position, events: recorded }) => ({ position, events: recorded }));
  const commits = found.slice(0, fitting(found, Math.min(PAGE_SIZE, room.page)));
  const [first] = commits;
  const bytes = first ? bytesOf(first) : 0;
  if (first && bytes > room.message) throw new CommitTooLarge(first.position, bytes, room.message);
  return { commits, head: Math.min(await events.head(), upTo) };
};

/** What to do on each event type; types that are not named are passed over. */
export type Handlers<S extends EventSchemas> = { [T in keyof S & string]?: (event: Extract<RecordedOf<S>, { type: T }>) => Promise<void> | void };

/** Applies an event with the handler of its type. */
export const dispatch = <S extends EventSchemas>(on: Handlers<S>) => {
  const handlers: Partial<Record<string, (event: never) => Promise<void> | void>> = on;
  return (event: RecordedOf<S>): Promise<void> | void => handlers[event.type]?.(event as never);
};

/** Where a follower keeps how far it has come. */
export interface Checkpoint {
  load(): Promise<number>;
  save(position: number): Promise<void>;
}

export interface CheckpointDocument {
  _id: string;
  position: number;
}

/** A checkpoint in the follower's own store; it never goes back. */
export const storedCheckpoint = (collection: Collection<CheckpointDocument>, name: string): Checkpoint => ({
  load: async () => (await collection.get(name))?.position ?? 0,
  save: async position => {
    if (await collection.update({ _id: name, position: { $lt: position } }, { $set: { position } })) return;
    if (!(await collection.get(name))) await collection.insert({ _id: name, position });
  },
});

/** A checkpoint in memory that starts at `position`: for what is rebuilt at each start anyway. */
export const memoryCheckpoint = (position: () => Promise<number>): Checkpoint => {
  let at: number | undefined;
  return {
    load: async () => (at ??= await position()),
    save: async saved => {
      at = saved;
    },
  };
};

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

/** Follows a feed: at least once, in order, from the checkpoint on. A nudge makes it fast, the regular look makes it certain. */
export class Follower<S extends EventSchemas> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failures = 0;

  constructor(private readonly options: FollowerOptions<S>) {}

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
    const wait = this.failures > 0 ? Math.min(100 * 2 ** this.failures, this.options.maxBackoff ?? MAX_BACKOFF) : (this.options.interval ?? 1000);
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
    } catch (error) {
      this.failures += 1;
      if (!this.stopped) this.options.onError(error, this.failures);
    }
    // In the same tick as the last look at `again`: a nudge in between would wait for nothing.
    this.running = undefined;
    this.schedule();
  }

  private async drain(): Promise<void> {
    let position = await this.options.checkpoint.load();
    for (;;) {
      const { commits, head } = await this.options.read(position, BATCH);
      position = await this.applyAll(commits, position);
      if (position >= head || commits.length === 0 || this.stopped) return;
    }
  }

  /** Applies commits in order and saves how far it came, also when one of them fails. */
  private async applyAll(commits: Page["commits"], from: number): Promise<number> {
    let position = from;
    try {
      for (const commit of commits) {
        if (this.stopped) break;
        for (const event of commit.events) await this.options.apply(event as RecordedOf<S>);
        position = commit.position;
      }
    } finally {
      if (position > from) await this.options.checkpoint.save(position);
    }
    return position;
  }
}

/** A feed that a service follows: whose, from where on, and what to do. */
export interface Subscription<N extends keyof Feeds = keyof Feeds> {
  source: N;
  checkpoint: Checkpoint;
  on: Handlers<Feeds[N]>;
}

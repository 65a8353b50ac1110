// Which access tokens ended before their time, in every process that accepts tokens: follows what their issuer ended.
import { ACCESS_TOKEN_LIFE_S, CLOCK_SKEW_S } from "./claims";
import type { Actor, EventSchemas } from "../contract";
import { type Checkpoint, logChange, type Page, type Place } from "../events/checkpoint";
import { Follower } from "../events/follower";
import { Refusal } from "../refusal";

/**
 * An event as the feed of endings carries it: one session of an account ended, or all that were opened before
 * `version`.
 */
export interface Ending {
  readonly type: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly data: unknown;
}

/** Asks for endings after a position; without one, from the oldest on that a living token may need. */
export type ReadEndings = (after: number | undefined, limit: number) => Promise<Page>;

/** Milliseconds between looks when no nudge comes. */
const LOOK_EVERY_MS = 500;
/** What was seen so long ago may have changed: whoever asks then waits for another look. An ending counts by then. */
const FRESH_MS = 1000;
/** A process that has not even tried to look for so long was asleep: it believes nothing until a look succeeds. */
const ASLEEP_MS = 10_000;
const LIFE_MS = (ACCESS_TOKEN_LIFE_S + CLOCK_SKEW_S) * 1000;

export class Endings {
  /** By account: the version that ended all tokens of before, and when that may be forgotten. Oldest first. */
  private readonly accounts = new Map<string, { from: number; until: number }>();
  private readonly sessions = new Map<string, { until: number }>();
  private readonly follower: Follower<EventSchemas>;
  private place: Place | undefined;
  private head = Number.POSITIVE_INFINITY;
  private complete = false;
  /** When the question was put whose answer is the newest; when all that it told was applied. */
  private askedAt = Number.NEGATIVE_INFINITY;
  private seenAt = Number.NEGATIVE_INFINITY;
  /** When a look last came to an end, whether it succeeded or not. */
  private triedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param failed called when a look failed, with how many have failed in a row; the next one follows by itself
   * @param elapsed milliseconds by a clock that nobody sets, so that no correction of the time brings an ended token
   * back
   */
  constructor(
    private readonly ask: ReadEndings,
    failed: (error: unknown, failures: number) => void = () => undefined,
    private readonly elapsed: () => number = () => performance.now(),
  ) {
    const checkpoint: Checkpoint = {
      load: async () => (this.place ??= { position: await this.start() }),
      save: async place => this.reached(place),
    };
    this.follower = new Follower({
      checkpoint,
      apply: event => this.apply(event),
      read: async (after, limit) => this.read(after, limit),
      onError: (error, failures) => {
        this.tried();
        failed(error, failures);
      },
      intervalMs: LOOK_EVERY_MS,
      maxBackoffMs: 2 * LOOK_EVERY_MS,
    });
  }

  /** Whether the token of this caller ended. Versions are compared, never times: clocks do not order events. */
  includes({ id, session, version }: Actor): boolean {
    return this.sessions.has(session) || version < (this.accounts.get(id)?.from ?? 0);
  }

  /**
   * Resolves when everything is known that ended a second ago or earlier; while nobody can be asked, what was known
   * until then counts.
   * @throws Refusal SERVICE_UNAVAILABLE when that is not known since this process started, or woke up
   */
  async known(): Promise<void> {
    if (this.complete && this.elapsed() - this.seenAt < FRESH_MS) return;
    await this.look();
    if (!this.complete) throw new Refusal("SERVICE_UNAVAILABLE");
  }

  /** Looks for news now; resolves when they are applied, or could not be had. */
  async look(): Promise<void> {
    await this.follower.nudge();
  }

  async stop(): Promise<void> {
    await this.follower.stop();
  }

  /** How many entries are held. */
  get size(): number {
    return this.accounts.size + this.sessions.size;
  }

  apply({ type, aggregateId, version, data }: Ending): void {
    if (type !== "SessionsEnded") return;
    const until = this.elapsed() + LIFE_MS;
    const session = typeof data === "object" && data !== null && "session" in data ? data.session : undefined;
    if (typeof session === "string") {
      this.sessions.delete(session);
      this.sessions.set(session, { until });
    } else {
      const from = Math.max(version, this.accounts.get(aggregateId)?.from ?? 0);
      this.accounts.delete(aggregateId);
      this.accounts.set(aggregateId, { from, until });
    }
    this.forget();
  }

  /** No token of before lives any more. */
  private forget(): void {
    const now = this.elapsed();
    for (const entries of [this.accounts, this.sessions]) {
      for (const [key, { until }] of entries) {
        if (until >= now) break;
        entries.delete(key);
      }
    }
  }

  private async start(): Promise<number> {
    const { commits, head } = await this.ask(undefined, 1);
    return (commits[0]?.position ?? head + 1) - 1;
  }

  private async read(after: number, limit: number): Promise<Page> {
    const asked = this.tried();
    const page = await this.ask(after, limit);
    this.tried();
    const changed = logChange(this.place ?? { position: after }, page);
    if (changed) {
      // Restored from a backup, for instance: what the log does not know has not happened.
      this.accounts.clear();
      this.sessions.clear();
      this.place = undefined;
      this.complete = false;
      throw new Error(`The log of endings was exchanged (${changed.message}): it is read anew.`);
    }
    this.askedAt = asked;
    this.head = page.head;
    this.reached(this.place ?? { position: after });
    return page;
  }

  /** A look begins or ends; the time. */
  private tried(): number {
    const now = this.elapsed();
    if (now - this.triedAt > ASLEEP_MS) this.complete = false;
    this.triedAt = now;
    return now;
  }

  private reached(place: Place): void {
    this.place = place;
    // An answer that was waiting for a process to wake up is as old as its question.
    if (place.position < this.head || this.elapsed() - this.askedAt > ASLEEP_MS) return;
    this.complete = true;
    this.seenAt = this.askedAt;
  }
}

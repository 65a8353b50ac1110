// How much time a caller has left, told from monotonic clocks that agree on nothing: the rules, without a bus.

/**
 * A moment of one process's monotonic clock: `clock` names the clock, `at` is milliseconds since an origin that says
 * nothing to others.
 */
export interface Stamp {
  readonly clock: string;
  readonly at: number;
}

export const isStamp = (value: unknown): value is Stamp =>
  typeof value === "object" &&
  value !== null &&
  "clock" in value &&
  typeof value.clock === "string" &&
  "at" in value &&
  Number.isFinite(value.at);

/**
 * Monotonic clocks are slewed by at most 500 ppm each (adjtimex(2)), so two of them drift apart by no more than this.
 */
const DRIFT = 0.001;
/** Each start of a process is a clock of its own: the oldest are forgotten. */
const MOST_CLOCKS = 1000;

/**
 * How far one's own clock is ahead of others'. A packet that was sent at `theirs` and is read at `mine` says: by at
 * most `mine − theirs`, or it would have arrived before it was sent. The smallest of these bounds is right to the
 * fastest packet's journey; a late packet teaches nothing. Times of day do not matter, so clocks that differ by seconds
 * or hours, or are set meanwhile, do no harm.
 */
export class PeerClocks {
  private readonly bounds = new Map<string, { ahead: number; learned: number }>();

  /** A packet has arrived that carries this stamp of its sender. */
  heard({ clock, at }: Stamp, now: number): void {
    const known = this.bounds.get(clock);
    if (!known) return this.learn(clock, now - at, now);
    known.ahead = Math.min(known.ahead + DRIFT * (now - known.learned), now - at);
    known.learned = now;
  }

  /**
   * The peer has answered a question that was asked at `asked`, and this time it cannot have answered before it was
   * asked: a bound from below. What contradicts it was learned before the peer's clock stood still (a machine that
   * slept), and is forgotten.
   */
  answered(asked: number, { clock, at }: Stamp, now: number): void {
    const known = this.bounds.get(clock);
    if (known && known.ahead < asked - at) this.bounds.delete(clock);
    this.heard({ clock, at }, now);
  }

  /** What the peer's clock shows, or a little less: never more. Undefined when nothing was heard of it. */
  timeOf(clock: string, now: number): number | undefined {
    const known = this.bounds.get(clock);
    return known && now - known.ahead - DRIFT * (now - known.learned);
  }

  /** One's own clock has stood still: nothing that was learned holds any more. */
  forget(): void {
    this.bounds.clear();
  }

  private learn(clock: string, ahead: number, now: number): void {
    this.bounds.set(clock, { ahead, learned: now });
    for (const oldest of this.bounds.keys()) {
      if (this.bounds.size <= MOST_CLOCKS) return;
      this.bounds.delete(oldest);
    }
  }
}

/** What is known of a call that is about to start. Times are milliseconds of one's own clock, unless said otherwise. */
export interface Waiting {
  /** When it was read from the bus, or called in this process. */
  readonly arrived: number;
  /** The earliest moment at which it can have been sent: before `arrived` when this process stood still meanwhile. */
  readonly sent: number;
  /** Milliseconds that its caller said it would wait, counted from when it was sent. Undefined: for ever. */
  readonly timeout: number | undefined;
  /** When its caller gives up, by the caller's clock. Undefined when it did not say. */
  readonly deadline: Stamp | undefined;
}

/** Milliseconds until the caller of a call gives up; 0 or less when it has. */
export const timeLeft = (
  { arrived, sent, timeout = Number.POSITIVE_INFINITY, deadline }: Waiting,
  clocks: PeerClocks,
  now: number,
): number => {
  const theirs = deadline && clocks.timeOf(deadline.clock, now);
  // Who says nothing of its clock may have sent it as long ago as is possible.
  if (!deadline || theirs === undefined) return sent + timeout - now;
  return Math.min(deadline.at - theirs, arrived + timeout - now);
};

// Notices that this process stood still (SIGSTOP, a frozen container, a machine that slept): what it reads then may be
// old.

/** Milliseconds between two signs of life; without load an event loop is late by one or two. */
export const TICK = 250;
/**
 * Milliseconds without a sign of life that count as standing still: shorter than anybody's patience with a silent node.
 */
const STILL = 1000;
/** Milliseconds after which what had been waiting is read, even if nobody answered meanwhile. */
const READ_UP = 2000;

export interface Times {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** The time of day in milliseconds: it goes on while a machine sleeps, which the monotonic clock does not. */
  day(): number;
}

export class Standstill {
  private alive: { now: number; day: number };
  private last: { began: number; ended: number } | undefined;

  /** @param onWaking is told for how many milliseconds the process stood still, and whether its clock did so too */
  constructor(
    private readonly times: Times,
    private readonly onWaking: (lasted: number, clockToo: boolean) => void,
  ) {
    this.alive = { now: times.now(), day: times.day() };
  }

  /** To be called every TICK milliseconds, and when something is about to be decided. @returns now */
  look(): number {
    const now = this.times.now();
    const silent = now - this.alive.now;
    if (silent < TICK / 2) return now;
    const day = this.times.day();
    const asleep = day - this.alive.day - silent;
    this.alive = { now, day };
    const clockToo = asleep > STILL;
    const lasted = clockToo ? silent + asleep : silent;
    if (lasted > STILL) {
      // Twice in a row: what was not read after the first waking has waited since then.
      const began = Math.min(now - lasted, this.isReadingUp(now - silent) ? (this.last?.began ?? now) : now);
      this.last = { began, ended: now };
      this.onWaking(lasted, clockToo);
    }
    return now;
  }

  /** Whether what is read now may have been waiting while this process stood still. */
  isReadingUp(now: number): boolean {
    return this.last !== undefined && now - this.last.ended < READ_UP;
  }

  /**
   * Somebody has answered what was asked after the waking: on a bus that keeps the order, all that had waited is read.
   */
  hasReadUp(): void {
    this.last = undefined;
  }

  /** The earliest moment at which something that arrived then can have been sent. */
  sentBefore(arrived: number): number {
    // What arrived shortly after the last sign of life was read before the standstill.
    return this.last && arrived - this.last.began > STILL / 2 ? this.last.began : arrived;
  }
}

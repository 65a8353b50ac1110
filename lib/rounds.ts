// Goes round again and again: at once when it is nudged, at intervals when it is not, and with growing pauses while
// rounds fail.

export interface RoundsOptions {
  /** One round. Resolves to true when the next one is due at once. */
  work(): Promise<boolean | void>;
  /** Told of a round that failed, with how many have failed in a row; the next one comes by itself. */
  onError(error: unknown, failures: number): void;
  /** Between rounds when no nudge comes. */
  intervalMs?: number | undefined;
  /** Between rounds, at most, while they fail. */
  maxBackoffMs?: number | undefined;
}

const INTERVAL_MS = 1000;
const MAX_BACKOFF_MS = 5000;

/** A nudge makes it fast, the interval makes it certain. No two rounds run at a time. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failures = 0;

  constructor(private readonly options: RoundsOptions) {}

  /** True from `stop` on: work that is long leaves off. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /**
   * Begins a round now, or another one after that which runs; resolves when nothing is due any more, or a round has
   * failed. Never rejects.
   */
  nudge(): Promise<void> {
    this.again = true;
    if (!this.stopped) this.running ??= this.run();
    return this.running ?? Promise.resolve();
  }

  /** Resolves when the round that runs has ended; no other one begins. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    const { work, onError } = this.options;
    try {
      while (this.again && !this.stopped) {
        this.again = false;
        if (await work()) this.again = true;
      }
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (!this.stopped) onError(error, this.failures);
    }
    // In the same tick as the last look at `again`: a nudge in between would wait for nothing.
    this.running = undefined;
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const { intervalMs = INTERVAL_MS, maxBackoffMs = MAX_BACKOFF_MS } = this.options;
    const wait = this.failures > 0 ? Math.min(100 * 2 ** this.failures, maxBackoffMs) : intervalMs;
    this.timer = setTimeout(() => void this.nudge(), wait);
    this.timer.unref();
  }
}

// Slow work of which only so much is done at a time: who waits may leave, and who would wait in vain is told at once.
import type { Caller } from "./moleculer/middlewares/calls-under-way";
import { Refusal } from "./refusal";

interface Waiting {
  begin(): void;
}

/** How much a new measurement counts against what was measured before. */
const WEIGHT = 0.2;

export class Turns {
  private busy = 0;
  private readonly waiting = new Set<Waiting>();

  /**
   * @param atOnce how many are worked on at a time
   * @param tookMs how long one is expected to take, until some were measured
   * @param maxWaitMs nobody shall wait for so long, whatever time he has
   */
  constructor(
    private readonly atOnce: number,
    private tookMs: number,
    private readonly maxWaitMs: number,
  ) {}

  /** Milliseconds until the work of somebody who comes now would be done. */
  get waitMs(): number {
    const before = this.busy < this.atOnce ? 0 : Math.ceil((this.waiting.size + 1) / this.atOnce);
    return (before + 1) * this.tookMs;
  }

  /**
   * Does the work when its turn comes. What has begun is brought to its end, whoever waits for it.
   * @throws Refusal SERVICE_UNAVAILABLE at once when it cannot be done in time, and when the caller leaves before its
   * turn
   */
  async take<T>(work: () => Promise<T>, caller: Caller): Promise<T> {
    const { waitMs } = this;
    if (waitMs > Math.min(caller.timeLeft(), this.maxWaitMs))
      throw new Refusal("SERVICE_UNAVAILABLE", { retryAfter: Math.ceil(waitMs / 1000) });
    if (this.busy >= this.atOnce) await this.turn(caller.signal);
    else if (caller.signal.aborted) throw new Refusal("SERVICE_UNAVAILABLE", {});
    else this.busy += 1;
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.tookMs += WEIGHT * (performance.now() - began - this.tookMs);
      this.busy -= 1;
      const [next] = this.waiting;
      next?.begin();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(entry);
        reject(new Refusal("SERVICE_UNAVAILABLE", {}));
      };
      const entry: Waiting = {
        begin: () => {
          this.waiting.delete(entry);
          signal.removeEventListener("abort", leave);
          this.busy += 1;
          resolve();
        },
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      this.waiting.add(entry);
    });
  }
}

// Tells of a service's commits: once for all that come shortly after one another, because who hears reads all of them.

/**
 * Milliseconds from a commit to its nudge: about as far as an order's commits are apart, and a quarter of the 20 ms in
 * which a change is to be visible everywhere.
 */
const WAIT_MS = 5;

export class Nudges {
  private timer: NodeJS.Timeout | undefined;
  private position = 0;

  /** @param send tells of all commits up to a position; 0 where no position is known yet */
  constructor(private readonly send: (position: number) => void) {}

  /** There is a commit to tell of; its position may be given later. */
  due(position = 0): void {
    this.position = Math.max(this.position, position);
    this.timer ??= setTimeout(() => this.sendNow(), WAIT_MS);
  }

  /** Tells at once of what waits. */
  stop(): void {
    if (this.timer !== undefined) this.sendNow();
  }

  private sendNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.send(this.position);
  }
}

// Work that many ask for and that is done once for all of them: who asks is served by a run that begins after he asked.

export class Coalesced {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly work: () => Promise<void>) {}

  /**
   * Resolves when a run that began after this call has ended. At most one runs, and one waits.
   * @throws what the run throws
   */
  ask(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.begin();
    const begin = () => this.begin();
    this.next = this.running.then(begin, begin);
    return this.next;
  }

  /** Resolves when nothing runs, or waits, of what was asked for. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.running, this.next]);
  }

  private begin(): Promise<void> {
    this.next = undefined;
    const run = this.work().finally(() => {
      this.running = undefined;
    });
    this.running = run;
    return run;
  }
}

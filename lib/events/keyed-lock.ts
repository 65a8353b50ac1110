// Lets callers in this process that want the same things wait for each other, instead of racing and losing.

/**
 * Runs work one at a time per key; work with disjoint keys runs side by side. It saves rounds, no more: other processes
 * do not wait, and what is right is decided by the log, at the versions that were read. The tests of races also run
 * without it.
 */
export class KeyedLock {
  private readonly tails = new Map<string, Promise<void>>();

  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const wanted = [...new Set(keys)];
    const before = wanted.map(key => this.tails.get(key) ?? Promise.resolve());
    let release = () => {};
    const tail = new Promise<void>(resolve => (release = resolve));
    // All keys are queued for at once, so that two callers never wait for each other in a circle.
    for (const key of wanted) this.tails.set(key, tail);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      for (const key of wanted) if (this.tails.get(key) === tail) this.tails.delete(key);
      release();
    }
  }
}

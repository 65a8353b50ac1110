// Ready-made answers of hot public reads, by URL: dropped when what they show changes, never older than a few seconds.
import type { Answer } from "../http/response";

interface Entry {
  answer: Answer;
  /** The product that the answer shows; undefined for lists, which show them all. */
  product: string | undefined;
  /** Milliseconds, taken before the answer was asked for. */
  since: number;
}

interface Fill {
  product: string | undefined;
  answer: Promise<Answer>;
}

export interface EdgeCacheOptions {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Milliseconds after which an answer is asked for again: the bound on what a lost nudge can cost. */
  maxAgeMs?: number;
  maxEntries?: number;
  maxBytes?: number;
}

/** URLs count too: a stranger chooses how long they are. */
const sizeOf = (url: string, { answer }: Entry) => url.length + (answer.body?.length ?? 0);

export class EdgeCache {
  /** Oldest first: a Map keeps the order of insertion. */
  private readonly entries = new Map<string, Entry>();
  private readonly fills = new Map<string, Fill>();
  private bytes = 0;
  private readonly now: () => number;
  private readonly maxAgeMs: number;
  private readonly maxEntries: number;
  private readonly maxBytes: number;

  constructor({ now, maxAgeMs = 5000, maxEntries = 1000, maxBytes = 32 * 1024 * 1024 }: EdgeCacheOptions) {
    this.now = now;
    this.maxAgeMs = maxAgeMs;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /** The stored answer for a URL, unless it is too old. */
  get(url: string): Answer | undefined {
    const entry = this.entries.get(url);
    return entry && this.now() - entry.since < this.maxAgeMs ? entry.answer : undefined;
  }

  /**
   * The answer for a URL: stored, or asked for once, however many wait for it. Rejects as `load` does; only 200 is
   * stored.
   * @param product the product that the answer shows; undefined for lists
   */
  async answer(url: string, product: string | undefined, load: () => Promise<Answer>): Promise<Answer> {
    const stored = this.get(url);
    if (stored) return stored;
    const running = this.fills.get(url);
    if (running) return running.answer;
    const since = this.now();
    const fill: Fill = { product, answer: load() };
    this.fills.set(url, fill);
    try {
      const answer = await fill.answer;
      // A fill that was dropped meanwhile may show what was there before the change.
      if (this.fills.get(url) === fill && answer.status === 200) this.store(url, { answer, product, since });
      return answer;
    } finally {
      if (this.fills.get(url) === fill) this.fills.delete(url);
    }
  }

  /** Forgets what shows this product, and all lists; what is being asked for right now, too. */
  drop(product: string): void {
    for (const [url, fill] of this.fills)
      if (fill.product === undefined || fill.product === product) this.fills.delete(url);
    for (const [url, entry] of this.entries)
      if (entry.product === undefined || entry.product === product) this.remove(url, entry);
  }

  /** Forgets everything. */
  clear(): void {
    this.fills.clear();
    this.entries.clear();
    this.bytes = 0;
  }

  private store(url: string, entry: Entry): void {
    const old = this.entries.get(url);
    if (old) this.remove(url, old);
    this.entries.set(url, entry);
    this.bytes += sizeOf(url, entry);
    for (const [oldest, its] of this.entries) {
      if (this.entries.size <= this.maxEntries && this.bytes <= this.maxBytes) break;
      this.remove(oldest, its);
    }
  }

  private remove(url: string, entry: Entry): void {
    if (this.entries.delete(url)) this.bytes -= sizeOf(url, entry);
  }
}

// Brings one generation of a read model up to its log, batch by batch, from its checkpoint on.
import { setImmediate } from "node:timers/promises";
import type { EventSchemas } from "../contract";
import type { Versioned } from "../store/store";
import type { Log, Placed } from "../store/log";
import { logChange, type Page, type Place, placeIn } from "./checkpoint";
import type { RecordedOf } from "./event-store";
import type { Generation } from "./generation";
import { keepingDocuments } from "./kept-documents";
import { applyBatch, type Projection } from "./projection";

/** Commits that are brought in at a time: few enough for the event loop, many enough to be worth the round trips. */
const BATCH = 200;

export interface ProjectorOptions<S extends EventSchemas> {
  /** What else follows from an event, once or again. */
  also?: ((event: RecordedOf<S>) => Promise<void>) | undefined;
  /** Whether nobody else writes this generation: what was written is kept in memory then. */
  isAlone?: boolean;
  /** Commits at a time. */
  batch?: number;
  /** Told after each batch, with the position that it came to. */
  onBatch?(position: number): Promise<void> | void;
}

export class Projector<S extends EventSchemas, T, D extends Versioned> {
  /** The position that it is known to have come to; -1 while nothing is known. */
  private known = -1;
  private readonly target: Parameters<typeof applyBatch<S, T, D>>[1];

  constructor(
    private readonly projection: Projection<S, T, D>,
    private readonly log: Log,
    readonly generation: Generation<D>,
    private readonly options: ProjectorOptions<S> = {},
  ) {
    const { entries, counts } = generation;
    this.target = options.isAlone
      ? { entries: keepingDocuments(entries), counts: keepingDocuments(counts) }
      : { entries, counts };
  }

  get reached(): number {
    return this.known;
  }

  /** From now on nothing is known: the next time the log is looked at, whether it is the one that was followed. */
  doubt(): void {
    this.known = -1;
  }

  /**
   * Brings in what the log has up to a position, which it is known to have, at least.
   * @throws LogChanged when the log is not the one that was followed
   */
  async catchUp(to: number): Promise<void> {
    let place = await this.generation.checkpoint.load();
    let commits: readonly Placed[] | undefined;
    do {
      const page = await this.page(place, to, commits);
      const changed = logChange(place, page);
      if (changed) throw changed;
      const last = page.commits.at(-1)?.position ?? to;
      // The next ones are read while these are written.
      const [next, ahead] = await Promise.all([this.bring(page, place), last < to ? this.read(last, to) : []]);
      commits = ahead;
      const isMoving = next.position < to;
      place = next;
      // Others have their turn between batches.
      if (isMoving) await setImmediate();
    } while (place.position < to);
    this.known = place.position;
  }

  /** Not beyond what is known to be there, for which nothing has to be placed. */
  private read(after: number, to: number): Promise<Placed[]> {
    return this.log.read(after, Math.min(this.options.batch ?? BATCH, Math.max(to - after, 0)));
  }

  /** @param read what comes next, if it was read already */
  private async page({ position }: Place, to: number, read?: readonly Placed[]): Promise<Page> {
    const { log } = this;
    const [at, commits] = await Promise.all([log.at(position), read ?? this.read(position, to)]);
    const isThere = position === 0 || at !== null;
    const head = isThere ? Math.max(to, position, commits.at(-1)?.position ?? 0) : await log.head();
    return { log: log.id, at, commits, head };
  }

  private async bring(page: Page, from: Place): Promise<Place> {
    const last = page.commits.at(-1);
    if (!last) return from;
    const { also, onBatch } = this.options;
    await applyBatch(this.projection, this.target, this.log, page.commits as Awaited<ReturnType<Log["read"]>>);
    if (also) for (const { events } of page.commits) for (const event of events) await also(event as RecordedOf<S>);
    const place = placeIn(page, last.position, from);
    await this.generation.checkpoint.save(place);
    await onBatch?.(place.position);
    return place;
  }
}

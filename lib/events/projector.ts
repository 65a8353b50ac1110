// Brings one generation of a read model up to its log, batch by batch, from its checkpoint on.
import { setImmediate } from "node:timers/promises";
import type { EventSchemas } from "../contract";
import type { Versioned } from "../store/store";
import type { Log } from "../store/log";
import { logChange, type Page, type Place, placeIn } from "./checkpoint";
import type { RecordedOf } from "./event-store";
import type { Generation } from "./generation";
import { applyBatch, type Projection } from "./projection";

/** Commits that are brought in at a time: few enough for the event loop, many enough to be worth the round trips. */
const BATCH = 200;

export interface ProjectorOptions<S extends EventSchemas> {
  /** What else follows from an event, once or again. */
  also?: ((event: RecordedOf<S>) => Promise<void>) | undefined;
  /** Commits at a time. */
  batch?: number;
  /** Told after each batch, with the position that it came to. */
  onBatch?(position: number): Promise<void> | void;
}

export class Projector<S extends EventSchemas, T, D extends Versioned> {
  /** The position that it is known to have come to; -1 while nothing is known. */
  private known = -1;

  constructor(
    private readonly projection: Projection<S, T, D>,
    private readonly log: Log,
    readonly generation: Generation<D>,
    private readonly options: ProjectorOptions<S> = {},
  ) {}

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
    do {
      const page = await this.page(place, to);
      const changed = logChange(place, page);
      if (changed) throw changed;
      const next = await this.bring(page, place);
      const isMoving = next.position < to;
      place = next;
      // Others have their turn between batches.
      if (isMoving) await setImmediate();
    } while (place.position < to);
    this.known = place.position;
  }

  private async page({ position }: Place, to: number): Promise<Page> {
    const { log } = this;
    // Not beyond what is known to be there, for which nothing has to be placed.
    const many = Math.min(this.options.batch ?? BATCH, Math.max(to - position, 0));
    const [at, commits] = await Promise.all([log.at(position), log.read(position, many)]);
    const isThere = position === 0 || at !== null;
    const head = isThere ? Math.max(to, position, commits.at(-1)?.position ?? 0) : await log.head();
    return { log: log.id, at, commits, head };
  }

  private async bring(page: Page, from: Place): Promise<Place> {
    const last = page.commits.at(-1);
    if (!last) return from;
    const { also, onBatch } = this.options;
    await applyBatch(this.projection, this.generation, this.log, page.commits as Awaited<ReturnType<Log["read"]>>);
    if (also) for (const { events } of page.commits) for (const event of events) await also(event as RecordedOf<S>);
    const place = placeIn(page, last.position, from);
    await this.generation.checkpoint.save(place);
    await onBatch?.(place.position);
    return place;
  }
}

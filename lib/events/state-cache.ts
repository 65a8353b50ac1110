// Folded states of the streams that were used last: a place to start from, never the truth.
import type { Loaded } from "./loaded";

/** Keeps up to `limit` states of each kind; the one that was not used for longest goes first. */
export class StateCache {
  private readonly kinds = new Map<object, Map<string, Loaded<unknown>>>();

  constructor(private readonly limit: number) {}

  get(kind: object, stream: string): Loaded<unknown> | undefined {
    const states = this.kinds.get(kind);
    const found = states?.get(stream);
    if (!states || !found) return undefined;
    states.delete(stream);
    states.set(stream, found);
    return found;
  }

  /** Keeps a state, unless a newer one of its stream is there already. */
  keep(kind: object, loaded: Loaded<unknown>): void {
    const states = this.kinds.get(kind) ?? new Map<string, Loaded<unknown>>();
    this.kinds.set(kind, states);
    if ((states.get(loaded.stream)?.version ?? -1) > loaded.version) return;
    states.delete(loaded.stream);
    states.set(loaded.stream, loaded);
    const [oldest] = states.keys();
    if (states.size > this.limit && oldest !== undefined) states.delete(oldest);
  }

  forget(kind: object, stream: string): void {
    this.kinds.get(kind)?.delete(stream);
  }
}

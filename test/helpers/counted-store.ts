// A store that writes down every operation on it, for tests of how much work something is.
import type { Store } from "../../lib/store/store";
import { aroundStore } from "./around-store";

export interface Noted {
  /** A collection's name, or "log". */
  on: string;
  method: string;
  /** What was asked for or written, as JSON. */
  about: string;
}

/** @param seen where the operations are written down, in their order */
export const countedStore = (store: Store, seen: Noted[]): Store =>
  aroundStore(store, ({ on, method, args }, work) => {
    seen.push({ on, method, about: JSON.stringify(args) });
    return work();
  });

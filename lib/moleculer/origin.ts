// On whose behalf something is done: a call that somebody waits for, or the machinery itself, such as a sweep.
import type { Bus } from "./bus";
import type { Metadata } from "../events/metadata";

export interface Origin {
  /** Calls on, within what is left of the caller's deadline if there is a caller, and as a part of his request. */
  readonly call: Bus["call"];
  /** For the commits that come of it: who asked, and by which request. */
  readonly metadata: Metadata;
}

/** What nobody asked for: its calls have a request id of their own, and no deadline in common. */
export const ownOrigin = (bus: Bus, requestId: string): Origin => ({
  call: (name, params, options) => bus.call(name, params, { ...options, requestId }),
  metadata: { requestId },
});

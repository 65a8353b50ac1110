// On whose behalf something is done: a call that somebody waits for, or the machinery itself, such as a sweep.
import type { Metadata } from "../events/event-store";
import type { Bus } from "./bus";

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

/** W3C Trace Context, section 3.2.2: version, trace, parent, flags. */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What a call's commits say of it. Its meta comes with it from whoever called first, and may be anything. */
export const metadataOf = (requestId: string | null, meta: object, actorId: string | undefined): Metadata => {
  const traceparent = "traceparent" in meta ? meta.traceparent : undefined;
  return {
    ...(requestId === null ? {} : { requestId }),
    ...(typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    ...(actorId === undefined ? {} : { actorId }),
  };
};

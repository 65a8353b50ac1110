// Who caused a commit, and by which request: kept with it, and shown to admins.

/** Each part where it is known. */
export interface Metadata {
  /** Of the request at the edge, or of the sweep. */
  readonly requestId?: string;
  /** W3C Trace Context, section 3.2. */
  readonly traceparent?: string;
  /** The user who asked for it. */
  readonly actorId?: string;
}

/** On whose behalf a command is carried out: what an action sees of its call, or what a sweep has instead. */
export interface Cause {
  /** Kept with what comes of it. */
  readonly metadata?: Metadata | undefined;
  /** Who waits for it: milliseconds until he gives up, 0 or less when he has. */
  readonly caller?: { timeLeft(): number } | undefined;
}

/** Something that is kept with what caused it; unknown for what an earlier release kept. */
export type Caused<E> = E & { readonly metadata?: Metadata };

/** W3C Trace Context, section 3.2.2: version, trace, parent, flags; ids of zeros only, and version ff, are invalid. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The trace that a text names; nothing when it names none. */
export const traceIn = (traceparent: unknown): { traceparent?: string } =>
  typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? { traceparent } : {};

/** What the commits of a call say of it. Its meta comes with it from whoever called first, and may be anything. */
export const metadataOf = (requestId: string | null, meta: object, actorId: string | undefined): Metadata => ({
  ...(requestId === null ? {} : { requestId }),
  ...traceIn("traceparent" in meta ? meta.traceparent : undefined),
  ...(actorId === undefined ? {} : { actorId }),
});

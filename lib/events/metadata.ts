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

/** Something that is kept with what caused it; unknown for what an earlier release kept. */
export type Caused<E> = E & { readonly metadata?: Metadata };

/** W3C Trace Context, section 3.2.2: version, trace, parent, flags. */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What the commits of a call say of it. Its meta comes with it from whoever called first, and may be anything. */
export const metadataOf = (requestId: string | null, meta: object, actorId: string | undefined): Metadata => {
  const traceparent = "traceparent" in meta ? meta.traceparent : undefined;
  return {
    ...(requestId === null ? {} : { requestId }),
    ...(typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    ...(actorId === undefined ? {} : { actorId }),
  };
};

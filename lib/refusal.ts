// The one way a rule says no: a stable code and the facts a sentence about it needs.

/**
 * Thrown by rules; translated once, at the edge, into an RFC 9457 problem.
 * `code` is a key of the catalogue in contracts/refusals.ts.
 */
export class Refusal<Code extends string = string> extends Error {
  constructor(
    readonly code: Code,
    readonly data: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
    this.name = "Refusal";
  }
}

/** One invalid field: an RFC 6901 JSON Pointer into the request and a sentence for a person. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A failed start: one sentence that says what is wrong and what to do. Ends the process with a non-zero exit. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

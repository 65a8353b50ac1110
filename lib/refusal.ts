// The one way a rule says no: a stable code and the facts a sentence about it needs.

/**
 * The codes there are, each with the facts it carries. Empty here: lib knows no shop, and the catalogue in
 * contracts/refusals.ts merges its own into it.
 */
export interface RefusalCodes {}

export type RefusalCode = keyof RefusalCodes;
/** Codes that carry no facts. */
export type PlainCode = {
  [C in RefusalCode]: RefusalCodes[C] extends Readonly<Record<string, never>> ? C : never;
}[RefusalCode];
type Facts<C extends RefusalCode> = C extends PlainCode
  ? []
  : Partial<RefusalCodes[C]> extends RefusalCodes[C]
    ? [facts?: RefusalCodes[C]]
    : [facts: RefusalCodes[C]];

/** Thrown by rules; translated once, at the edge, into an RFC 9457 problem. */
export class Refusal<Code extends RefusalCode = RefusalCode> extends Error {
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether an earlier request with the same idempotency key was refused so, and this is a repeat of it. */
  replayed = false;

  constructor(
    readonly code: Code,
    ...[facts]: Facts<Code>
  ) {
    super(code);
    this.name = "Refusal";
    this.data = { ...facts };
  }
}

/** One invalid field: an RFC 6901 JSON Pointer into the request and a sentence for a person. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

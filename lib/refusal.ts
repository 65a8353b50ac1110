// The one way a rule says no: a stable code and the facts a sentence about it needs.

type NoFacts = Readonly<Record<string, never>>;

/**
 * The codes there are, each with the facts it carries. Empty here: lib knows no shop, and the catalogue in
 * contracts/refusals.ts merges its own into it.
 */
export interface RefusalCodes {}

export type RefusalCode = keyof RefusalCodes;
/** Codes that carry no facts. */
export type PlainCode = {
  [C in RefusalCode]: RefusalCodes[C] extends NoFacts ? C : never;
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

interface Limit {
  readonly limit: number;
}

/**
 * What can be wrong with a field, each with the facts that a sentence about it needs. Here is what a schema finds
 * (lib/schema-errors.ts), and a list (lib/paging.ts); contracts/field-errors.ts merges its own into it, and has the
 * sentences of all.
 */
export interface FieldErrorCodes {
  REQUIRED: NoFacts;
  UNKNOWN_FIELD: NoFacts;
  NAME_NOT_UNICODE: NoFacts;
  NAME_HAS_CONTROLS: NoFacts;
  NOT_UNICODE: NoFacts;
  HAS_CONTROLS: NoFacts;
  BLANK: NoFacts;
  WRONG_FORM: NoFacts;
  NOT_ONE_OF: { readonly allowed: readonly unknown[] };
  NO_ALTERNATIVE: NoFacts;
  NOT_EMAIL: NoFacts;
  NOT_URI: NoFacts;
  NOT_TIME: NoFacts;
  WRONG_FORMAT: { readonly format: string };
  NOT_STRING: NoFacts;
  NOT_INTEGER: NoFacts;
  NOT_NUMBER: NoFacts;
  NOT_BOOLEAN: NoFacts;
  NOT_ARRAY: NoFacts;
  NOT_OBJECT: NoFacts;
  TOO_SHORT: Limit;
  TOO_LONG: Limit;
  TOO_FEW_ITEMS: Limit;
  TOO_MANY_ITEMS: Limit;
  TOO_MANY_FIELDS: Limit;
  TOO_LOW: Limit;
  TOO_HIGH: Limit;
  NOT_A_CURSOR: NoFacts;
  PAGE_TOO_DEEP: Limit;
  WRONG_CONSTANT: NoFacts;
  INVALID: NoFacts;
}

export type FieldErrorCode = keyof FieldErrorCodes;
/** Codes that carry no facts. */
export type PlainFieldErrorCode = {
  [C in FieldErrorCode]: FieldErrorCodes[C] extends NoFacts ? C : never;
}[FieldErrorCode];

/**
 * One invalid field: an RFC 6901 JSON Pointer into the request, what is wrong, and the facts of that. Sentences are
 * made of it at the edge, in the caller's language.
 */
export type FieldError = {
  [C in FieldErrorCode]: { readonly path: string; readonly code: C } & (C extends PlainFieldErrorCode
    ? { readonly facts?: undefined }
    : { readonly facts: FieldErrorCodes[C] });
}[FieldErrorCode];

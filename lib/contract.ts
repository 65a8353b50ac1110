// How one service promises an action to the others: JSON Schema in, JSON Schema out, who may call it, how long it may
// take.
import { type Static, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import type { RefusalCode } from "./refusal";

/**
 * Parts of a pattern's character class. Control characters: C0, C1, the line and paragraph separators, and what turns
 * the direction of text around (overrides and isolates), so that one thing is stored and another is read.
 */
export const CONTROL = "\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069";
/** Characters that leave no mark: spaces, joiners, fillers, variation selectors. */
export const BLANK =
  "\\u0020\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u202f" +
  "\\u205f-\\u2065\\u206a-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0";

/**
 * What there is in the system this is used in, for the compiler. Empty here: lib knows no shop, and contracts/index.ts
 * merges its own into it. Every action by its full name; the services whose events others may follow, and what these
 * events carry; the roles that an access token can give.
 */
export interface Actions {}
export interface Feeds {}
export interface Roles {}

export type Role = keyof Roles;
export type FeedName = keyof Feeds;

/** Moleculer events are nudges only: "there is something new in my feed". They may be lost: the feed is the truth. */
export type Events = { [S in FeedName as `${S}.appended`]: { position?: number } };

/** Who may call an action: whoever signed in, a role, or `internal`, other services only, never through the gateway. */
export type Access = "anyone" | "user" | "internal" | Role;

export interface ActionContract<
  P extends TSchema = TSchema,
  R extends TSchema = TSchema,
  A extends Access = Access,
  C extends RefusalCode = RefusalCode,
> {
  readonly access: A;
  readonly params: P;
  readonly result: R;
  /**
   * What it can refuse with, beyond what comes with its access: any other refusal of its handler is a fault. Default:
   * nothing.
   */
  readonly refuses?: readonly C[];
  /** True when a repeated call has the effect of one call; only such calls are retried. */
  readonly idempotent?: boolean;
  /** Milliseconds until the caller gets an answer, whatever happens. Default: the broker's. */
  readonly deadline?: number;
}

/** What the outside world may call says what it refuses with. */
type Told<A extends Access> = A extends "internal" ? unknown : { readonly refuses: readonly RefusalCode[] };

/** Declares an action; keeps the literal types of its schemas, its access and its refusals. */
export const action = <
  P extends TSchema,
  R extends TSchema,
  const A extends Access,
  const C extends RefusalCode = never,
>(
  contract: ActionContract<P, R, A, C> & Told<A>,
): ActionContract<P, R, A, C> => contract;

/** Whether the caller has to show an access token. */
export const needsToken = (access: Access): boolean => access !== "anyone" && access !== "internal";

const refusalsByAccess = (access: Access): readonly RefusalCode[] => {
  if (!needsToken(access)) return [];
  return access === "user" ? ["UNAUTHENTICATED"] : ["UNAUTHENTICATED", "FORBIDDEN"];
};

/**
 * All that an action may refuse with: what its contract names, what its access brings along, and what may befall any.
 */
export const refusalsOf = ({
  access,
  refuses = [],
}: Pick<ActionContract, "access" | "refuses">): ReadonlySet<RefusalCode> =>
  new Set<RefusalCode>([
    ...refusalsByAccess(access),
    ...refuses,
    "VALIDATION_FAILED",
    "SERVICE_UNAVAILABLE",
    "ANSWER_TOO_LARGE",
    "INTERNAL",
  ]);

/** So far a list can be read by the numbers of its pages, in items: a page is found by passing over all before it. */
export const MAX_DEPTH = 10_000;

/** An object that refuses unknown keys. */
export const object = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** One of several words. Plain `enum`, so that a mistake is one sentence and not one per alternative. */
export const choice = <const T extends readonly string[]>(...words: T) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...words] });

export type ParamsOf<A> = A extends ActionContract<infer P, TSchema> ? Static<P> : never;
/** The codes that an action's contract names. */
export type RefusalsOf<A> = A extends ActionContract<TSchema, TSchema, Access, infer C> ? C : never;
export type ResultOf<A> = A extends ActionContract<TSchema, infer R> ? Static<R> : never;

/** Gives every action of a contract its full name: `Named<"users", typeof users>` has the key `users.login`. */
export type Named<S extends string, C> = { [K in keyof C & string as `${S}.${K}`]: C[K] };

/** The event types of one service: event name → schema of its data. */
export type EventSchemas = Readonly<Record<string, TSchema>>;

/** A union over the event types of a service, discriminated by `type`. */
export type EventOf<E extends EventSchemas> = { [N in keyof E & string]: { type: N; data: Static<E[N]> } }[keyof E &
  string];

/** The caller of an action, as proven by its access token. */
export interface Actor {
  readonly id: string;
  readonly role: Role;
  /** The session the access token belongs to. */
  readonly session: string;
  /**
   * Where the account stood when its rights were read for the token: what ended at a later version ended the token too.
   */
  readonly version: number;
}

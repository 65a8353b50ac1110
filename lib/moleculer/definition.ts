// What the definition of a service says: its settings, its log, what it follows, and what it is when it is open.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Access, ActionContract, EventSchemas, FeedName, Feeds } from "../contract";
import type { EventStore } from "../events/event-store";
import type { Handlers } from "../events/feed";
import type { AnyProjection } from "../events/projection";
import type { Background } from "../events/read-model";
import type { Logger } from "../logger";
import type { Store } from "../store/store";
import type { AnyHandler, HandlerOf } from "./action";
import type { Runtime } from "./runtime";

/** Answered for every service by defineService itself. */
type Given = "health" | "feed";

/** What a service is given to open itself with. Its store is its own database, closed when the service has stopped. */
export interface Opening<O extends TObject, S extends EventSchemas> extends Runtime {
  readonly settings: Static<O>;
  readonly store: Store;
  /** Its log, if its definition has events. */
  readonly events: EventStore<S>;
  readonly logger: Logger;
}

/** A service at work. */
export interface Opened<C, F extends FeedName> {
  actions: { [K in Exclude<keyof C, Given>]: HandlerOf<C[K]> };
  /** What it shows of its own log, if its definition has a read model: it is kept up to date beside its readers. */
  readModel?: Background;
  /** What it does on the events of the feeds that it follows: at least once, in order. */
  on?: { [N in F]: Handlers<Feeds[N]> };
  /** Background work, once the service can be called and can call others. */
  started?(): Promise<void> | void;
  /** Ends background work. */
  stopped?(): Promise<void> | void;
}

export interface Definition<C, S extends EventSchemas, F extends FeedName, O extends TObject> {
  /** Its settings in the environment; a bad one ends the start before anything is opened. */
  settings: O;
  /** The events of its own log, which is served as its feed, with a nudge after each commit. */
  events?: S;
  /** The feeds of other services that it follows. */
  follows?: readonly F[];
  /**
   * Services that its background work calls: it begins when they can be reached, or when they have not come in time.
   */
  needs?: readonly string[];
  /** What is shown of its own log: caught up before the service can be called, and made anew by `npm run rebuild`. */
  readModel?: AnyProjection;
  open(opening: Opening<O, S>): Promise<Opened<C, F>>;
}

/** Definitions whose types are no longer known. */
export type AnyContract = Readonly<Record<string, ActionContract<TSchema, TSchema, Access>>>;
export type AnyOpened = Omit<Opened<AnyContract, FeedName>, "actions"> & {
  actions: Record<string, AnyHandler>;
};
export type AnyDefinition = Omit<Definition<AnyContract, EventSchemas, FeedName, TObject>, "open"> & {
  open(opening: Opening<TObject, EventSchemas>): Promise<AnyOpened>;
};

// Binds a service to its contract: what Moleculer's runner loads, with its store, its log, its followers and its health.
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import type { Access, ActionContract, EventSchemas, FeedName, Feeds } from "../contract";
import { needsToken } from "../contract";
import { readSettings } from "../env";
import { StartupError } from "../errors";
import { type CheckpointDocument, storedCheckpoint } from "../events/checkpoint";
import { EventStore, type RecordedOf } from "../events/event-store";
import { feedPage, type Handlers } from "../events/feed";
import type { Follower } from "../events/follower";
import { catchUpOf, followerOf, rebuilding } from "../events/following";
import type { Logger } from "../logger";
import { whenReachable } from "./reachable";
import { Refusal } from "../refusal";
import type { Store } from "../store/store";
import { type ActionContext, type AnyHandler, type HandlerOf, toAction } from "./action";
import { listenAlone } from "./bus";
import { messageLimit, pageLimit } from "./middlewares/bound-messages";
import { keepInRotation } from "./rotation";
import { type Runtime, runtimeOf } from "./runtime";

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
export interface Opened<C, S extends EventSchemas, F extends FeedName> {
  actions: { [K in Exclude<keyof C, Given>]: HandlerOf<C[K]> };
  /** Brings the read model up to date with one event of its own log; it may come again. */
  project?(event: RecordedOf<S>): Promise<void> | void;
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
  /** The collection of what is derived from its own log: caught up before the service can be called. */
  readModel?: string;
  open(opening: Opening<O, S>): Promise<Opened<C, S, F>>;
}

/** What Moleculer's runner loads: given a broker, the service. What tools want to know of it stands beside. */
export interface ServiceFactory {
  (broker: ServiceBroker): ServiceSchema;
  readonly serviceName: string;
  readonly settings: TObject;
  readonly follows: readonly FeedName[];
  readonly readModel: string | undefined;
}

type AnyContract = Readonly<Record<string, ActionContract<TSchema, TSchema, Access>>>;
type AnyOpened = Omit<Opened<AnyContract, EventSchemas, FeedName>, "actions"> & { actions: Record<string, AnyHandler> };
type AnyDefinition = Omit<Definition<AnyContract, EventSchemas, FeedName, TObject>, "open"> & {
  open(opening: Opening<TObject, EventSchemas>): Promise<AnyOpened>;
};

/** One instance of a service, from its start to its end. */
class Instance {
  private readonly followers = new Map<FeedName, Follower<EventSchemas>>();
  private store: Store | undefined;
  private events: EventStore<EventSchemas> | undefined;
  private opened: AnyOpened | undefined;
  private catchUp: Follower<EventSchemas> | undefined;
  private leaveRotation: (() => void) | undefined;
  private unhear: (() => void) | undefined;
  private unfollow: (() => Promise<void>) | undefined;
  private readonly runtime: Runtime;

  constructor(
    private readonly name: string,
    private readonly definition: AnyDefinition,
    private readonly settings: Static<TObject>,
    private readonly acceptsTokens: boolean,
    private readonly service: Service,
  ) {
    this.runtime = runtimeOf(service.broker);
  }

  get logger(): Logger {
    return this.service.logger;
  }

  handler(key: string): AnyHandler {
    if (key === "health") return () => this.health();
    if (key === "feed") return ctx => this.feed(ctx.params as { after: number; limit: number });
    return (ctx, actor) => {
      const handle = this.opened?.actions[key];
      if (!handle) throw new Error(`${this.name}.${key} has no handler`);
      return handle(ctx, actor);
    };
  }

  hear(source: FeedName): void {
    void this.followers.get(source)?.nudge();
    if (source === this.runtime.access.feed && this.acceptsTokens) void this.runtime.access.look();
  }

  async start(nudged: Iterable<FeedName>): Promise<void> {
    const { logger, broker } = this.service;
    const store = (this.store = await this.runtime.openStore(this.name));
    if (this.definition.events) this.events = await EventStore.open(store, () => this.runtime.now());
    const given = { settings: this.settings, store, events: this.events, logger };
    const opening: Opening<TObject, EventSchemas> = Object.assign(Object.create(this.runtime), given);
    this.opened = await this.definition.open(opening);
    await this.follow(store, logger);
    await this.catchUp?.nudge();
    if (this.catchUp?.trouble !== undefined) {
      const trouble = `What ${this.name} shows does not fit its log: ${this.catchUp.trouble}`;
      throw new StartupError(`${trouble}, such as after a restored backup. ${rebuilding(this.name)}`);
    }
    if (this.acceptsTokens) this.unfollow = this.runtime.access.follow(logger.warn);
    await this.opened.started?.();
    this.leaveRotation = keepInRotation(this.service, () => store.ping(), logger);
    // Not awaited: a service must not wait for one that waits for it.
    this.unhear = whenReachable(broker, new Set(nudged), source => this.hear(source));
  }

  async stop(): Promise<void> {
    this.leaveRotation?.();
    this.unhear?.();
    await this.unfollow?.();
    const followers = [...this.followers.values(), ...(this.catchUp ? [this.catchUp] : [])];
    await Promise.all(followers.map(follower => follower.stop()));
    await this.opened?.stopped?.();
    await this.store?.close();
  }

  private async follow(store: Store, logger: Logger): Promise<void> {
    const { name, runtime, definition, events, opened: { project, on } = {} } = this;
    const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
    for (const source of definition.follows ?? []) {
      const handlers = on?.[source] as Handlers<EventSchemas> | undefined;
      if (!handlers) throw new Error(`${name} follows ${source}, and does nothing on its events.`);
      const subscription = { source, checkpoint: storedCheckpoint(checkpoints, source), on: handlers };
      this.followers.set(source, followerOf(runtime.bus, name, subscription, logger));
    }
    if (events && project && definition.readModel) {
      const readModel = { checkpoint: storedCheckpoint(checkpoints, definition.readModel), apply: project };
      this.catchUp = catchUpOf(name, events, readModel, logger);
    }
    events?.onCommit(position => {
      runtime.bus
        .emit(`${name as FeedName}.appended`, { position })
        .catch(error => logger.debug("A nudge was not sent:", error));
    });
  }

  private async health(): Promise<object> {
    await this.store?.ping();
    const missing = [...this.followers]
      .filter(([, follower]) => follower.trouble !== undefined)
      .map(([source]) => `${source}.feed`);
    if (this.catchUp?.trouble !== undefined) missing.push(`${this.name}.feed`);
    if (missing.length > 0) throw new Refusal("SERVICE_UNAVAILABLE", { missing });
    return {};
  }

  private async feed(asked: { after: number; limit: number }) {
    const { events } = this;
    if (!events) throw new Error(`${this.name} has no log`);
    // Whoever hears of a change may come back and read: by then it must be there to be read.
    await this.catchUp?.nudge();
    const { broker } = this.service;
    const room = { page: pageLimit(broker), message: messageLimit(broker) };
    return feedPage(events, asked, room, (await this.catchUp?.place())?.position);
  }
}

/**
 * Binds handlers to a contract. Params are validated, access is checked and errors are translated here, once.
 * @returns what the file of a service exports as its default
 */
export const defineService = <
  C extends AnyContract,
  S extends EventSchemas = EventSchemas,
  F extends FeedName = never,
  O extends TObject = TObject,
>(
  name: string,
  contract: C,
  definition: Definition<C, S, F, O>,
): ServiceFactory => {
  const { settings, follows = [], readModel } = definition;
  const acceptsTokens = Object.values(contract).some(({ access }) => needsToken(access));

  const factory = (broker: ServiceBroker): ServiceSchema => {
    const { env, access } = runtimeOf(broker);
    const values = readSettings(settings, env);
    let instance: Instance;
    // Whoever accepts tokens has to know which of them ended, in every process; of those who follow a feed from a
    // checkpoint in their common store, one is enough.
    const nudged = new Set<FeedName>([...follows, ...(acceptsTokens ? [access.feed] : [])]);
    const groupOf = (source: FeedName) =>
      acceptsTokens && source === access.feed ? listenAlone(name, broker.nodeID) : name;
    const actions = Object.entries(contract).map(([key, promise]) => {
      const handle: AnyHandler = (ctx: ActionContext<unknown>, actor) => instance.handler(key)(ctx, actor);
      return [key, toAction(`${name}.${key}`, promise, handle, () => instance.logger)] as const;
    });
    const schema = {
      name,
      actions: Object.fromEntries(actions),
      events: Object.fromEntries(
        [...nudged].map(source => [
          `${source}.appended`,
          { group: groupOf(source), handler: () => instance.hear(source) },
        ]),
      ),
      created(this: Service) {
        instance = new Instance(name, definition as unknown as AnyDefinition, values, acceptsTokens, this);
      },
      started: () => instance.start(nudged),
      stopped: () => instance.stop(),
    };
    return schema as unknown as ServiceSchema;
  };
  return Object.assign(factory, { serviceName: name, settings, follows, readModel });
};

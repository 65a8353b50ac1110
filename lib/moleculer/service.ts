// The one file that wraps Moleculer's own types: turns a contract and its handlers into a Moleculer service.
import type { Static, TSchema } from "@sinclair/typebox";
import { type Context, Errors, type Service, type ServiceBroker, type ServiceSchema } from "moleculer";
import type { Feeds } from "../../contracts/index";
import type { Caller } from "./middlewares/calls-under-way";
import { type Access, type ActionContract, type Actor, type EventSchemas, refusalsOf } from "../contract";
import type { Bus, CallOptions } from "./bus";
import { callerOf, stillWanted } from "./middlewares/deadlines";
import type { EventStore } from "../events/event-store";
import { CommitTooLarge, feedPage } from "../events/feed";
import type { Follower } from "../events/follower";
import { type AnySubscription, catchUpOf, followerOf, type ReadModel, rebuilding } from "../events/following";
import { cutPage, messageLimit, pageLimit } from "./middlewares/bound-messages";
import { whenReachable } from "../reachable";
import { Refusal, StartupError } from "../refusal";
import { keepInRotation } from "./rotation";
import type { Runtime } from "./runtime";
import { DuplicateKey, type Store, StoreUnavailable } from "../store/store";
import { paramsFrom } from "./validator";

type Log = (...parts: unknown[]) => void;
export type Logger = Readonly<Record<"debug" | "info" | "warn" | "error", Log>>;

/** What a handler sees of a call. */
export interface ActionContext<P> {
  readonly params: P;
  readonly requestId: string | null;
  /** Names what the caller asked for once, however often the framework tries to bring it here. */
  readonly attempt: string;
  /** Who waits for the answer, and how long: for work that is not worth beginning when nobody does. */
  readonly caller: Caller;
  /** Calls on, within what is left of this call's deadline. */
  readonly call: Bus["call"];
}

type ActorFor<A extends Access> = A extends "user" | "admin" ? Actor : undefined;
type HandlerOf<C> =
  C extends ActionContract<infer P, infer R, infer A>
    ? (ctx: ActionContext<Static<P>>, actor: ActorFor<A>) => Promise<Static<R>>
    : never;

/** Answered for every service by defineService itself. */
type Given = "health" | "feed";

export interface ServiceDefinition<C, S extends EventSchemas> {
  /** The service's database: its health is the service's, and it is closed at the end. */
  store: Store;
  /** The service's log: served as its feed, with a nudge after each commit. */
  events?: EventStore<S>;
  /** Documents derived from the log: caught up before the service can be called, and kept up to date. */
  readModel?: ReadModel<S>;
  actions: { [K in Exclude<keyof C, Given>]: HandlerOf<C[K]> };
  /** Durable feeds of other services that the service follows. */
  follows?: readonly AnySubscription[];
  /** Background work, once the service can be called and can call others. */
  started?(logger: Logger): Promise<void> | void;
  /** Ends background work. */
  stopped?(): Promise<void> | void;
}

interface CallHeaders {
  token?: string;
  attempt?: string;
}

/** Turns call options into Moleculer's: token and attempt travel as headers, which no further call inherits. */
export const toCallingOptions = ({ timeout, token, signal, attempt }: CallOptions = {}) => ({
  ...(timeout === undefined ? {} : { timeout }),
  ...(signal === undefined ? {} : { signal }),
  ...(token === undefined && attempt === undefined
    ? {}
    : { headers: { ...(token === undefined ? {} : { token }), ...(attempt === undefined ? {} : { attempt }) } }),
});

/**
 * What an action's own handler may not pass on: a call that it made with wrong params is its mistake, not its caller's.
 */
const OWN_MISTAKES: ReadonlySet<string> = new Set(["VALIDATION_ERROR", "VALIDATION_FAILED"]);

/** Refusals and faults as they cross the wire: a type to recognise, no stack, no driver text. */
const toWire = (error: unknown, logger: Logger, action: string, promised: ReadonlySet<string>): Error => {
  const internal = (...why: unknown[]) => {
    logger.error(...why);
    return new Errors.MoleculerError("Internal error.", 500, "INTERNAL", {});
  };
  if (error instanceof Errors.MoleculerClientError && (!promised.has(error.type) || OWN_MISTAKES.has(error.type)))
    return internal(`${action} failed: its call was refused with ${error.type}.`);
  if (error instanceof Errors.MoleculerError) return error;
  if (error instanceof Refusal) {
    if (!promised.has(error.code))
      return internal(`${action} refused with ${error.code}, which its contract does not name.`);
    return new Errors.MoleculerClientError(error.code, 400, error.code, {
      ...error.data,
      ...(error.replayed ? { replayed: true } : {}),
    });
  }
  if (error instanceof CommitTooLarge) {
    logger.error(`${action}: ${error.message}`);
    return new Errors.MoleculerClientError(error.message, 400, "ANSWER_TOO_LARGE", {});
  }
  if (error instanceof StoreUnavailable) {
    logger.warn(`${action}: ${error.message}`);
    return new Errors.MoleculerRetryableError("The service's store is not available.", 503, "STORE_UNAVAILABLE", {});
  }
  return internal(`${action} failed:`, error instanceof DuplicateKey ? error.message : error);
};

/** Contracts.pageOf: whatever a list holds, its page fits into a message. */
const isPage = ({ result }: ActionContract) => "properties" in result && "truncated" in (result.properties as object);

const toAction = <C extends ActionContract>(
  runtime: Runtime,
  name: string,
  contract: C,
  handler: (ctx: ActionContext<unknown>, actor: Actor | undefined) => Promise<unknown>,
  logger: () => Logger,
  promised = refusalsOf(contract),
) => ({
  params: paramsFrom(contract.params),
  ...(contract.deadline === undefined ? {} : { timeout: contract.deadline }),
  ...(contract.idempotent ? { retryPolicy: { enabled: true, retries: 2 } } : {}),
  async handler(ctx: Context<unknown, object, object, CallHeaders>): Promise<unknown> {
    try {
      const actor = await runtime.access.admit(contract.access, ctx.headers.token);
      await stillWanted(ctx);
      const call: Bus["call"] = (action, params, options) => ctx.call(action, params, toCallingOptions(options));
      const result = await handler(
        {
          params: ctx.params,
          requestId: ctx.requestID,
          attempt: ctx.headers.attempt ?? ctx.id,
          caller: callerOf(ctx),
          call,
        },
        actor,
      );
      return isPage(contract) ? cutPage(result as { items: unknown[] }, pageLimit(ctx.broker)) : result;
    } catch (error) {
      throw toWire(error, logger(), name, promised);
    }
  },
});

const isFeed = (name: string): name is keyof Feeds => ["users", "products", "orders", "payments"].includes(name);

/** Binds handlers to a contract. Params are validated, access is checked and errors are translated here, once. */
export const defineService = <
  C extends Record<string, ActionContract<TSchema, TSchema, Access>>,
  S extends EventSchemas,
>(
  runtime: Runtime,
  name: string,
  contract: C,
  definition: ServiceDefinition<C, S>,
): ServiceSchema => {
  const { store, events, follows = [] } = definition;
  let logger: Logger;
  let broker: ServiceBroker;
  let followers = new Map<string, Follower<EventSchemas>>();
  let catchUp: Follower<S> | undefined;

  const given: Record<Given, (ctx: ActionContext<unknown>) => Promise<unknown>> = {
    health: async () => {
      await store.ping();
      const stopped = [...followers]
        .filter(([, follower]) => follower.trouble !== undefined)
        .map(([source]) => `${source}.feed`);
      if (catchUp?.trouble !== undefined) stopped.push(`${name}.feed`);
      if (stopped.length > 0) throw new Refusal("SERVICE_UNAVAILABLE", { missing: stopped });
      return {};
    },
    feed: async ctx => {
      if (!events) throw new Error(`${name} has no log`);
      // Whoever hears of a change may come back and read: by then it must be there to be read.
      await catchUp?.nudge();
      return feedPage(
        events,
        ctx.params as { after: number; limit: number },
        { page: pageLimit(broker), message: messageLimit(broker) },
        (await definition.readModel?.checkpoint.load())?.position,
      );
    },
  };
  // Whoever accepts tokens has to know which of them ended.
  const acceptsTokens = Object.values(contract).some(({ access }) => access === "user" || access === "admin");
  const nudged = new Set<keyof Feeds>([
    ...follows.map(({ source }) => source),
    ...(acceptsTokens ? (["users"] as const) : []),
  ]);
  const hear = (source: keyof Feeds) => {
    void followers.get(source)?.nudge();
    if (source === "users" && acceptsTokens) void runtime.access.look();
  };
  let leaveRotation: (() => void) | undefined;
  let unhear: (() => void) | undefined;
  let unfollow: (() => Promise<void>) | undefined;

  const handlers = { ...given, ...definition.actions } as Record<
    string,
    (ctx: ActionContext<unknown>, actor: Actor | undefined) => Promise<unknown>
  >;
  const actions = Object.entries(contract).map(([key, promise]) => {
    const handler = handlers[key];
    if (!handler) throw new Error(`${name}.${key} has no handler`);
    return [key, toAction(runtime, `${name}.${key}`, promise, handler, () => logger)] as const;
  });

  const schema = {
    name,
    actions: Object.fromEntries(actions),
    events: Object.fromEntries([...nudged].map(source => [`${source}.appended`, () => hear(source)])),
    created(this: Service) {
      ({ logger, broker } = this);
      followers = new Map(
        follows.map(subscription => [subscription.source, followerOf(runtime, name, subscription, logger)]),
      );
      if (events && definition.readModel) catchUp = catchUpOf(name, events, definition.readModel, logger);
      events?.onCommit(position => {
        if (isFeed(name))
          runtime.bus
            .emit(`${name}.appended`, { position })
            .catch(error => logger.debug("A nudge was not sent:", error));
      });
    },
    async started(this: Service) {
      await catchUp?.nudge();
      if (catchUp?.trouble !== undefined)
        throw new StartupError(
          `What ${name} shows does not fit its log: ${catchUp.trouble}, such as after a restored backup. ${rebuilding(name)}`,
        );
      if (acceptsTokens) unfollow = runtime.access.follow(logger.warn);
      await definition.started?.(logger);
      leaveRotation = keepInRotation(this, () => store.ping(), logger);
      // Not awaited: a service must not wait for one that waits for it.
      unhear = whenReachable(this.broker, nudged, hear);
    },
    async stopped() {
      leaveRotation?.();
      unhear?.();
      await unfollow?.();
      await Promise.all([...followers.values(), ...(catchUp ? [catchUp] : [])].map(follower => follower.stop()));
      await definition.stopped?.();
      await store.close();
    },
  };
  return schema as unknown as ServiceSchema;
};

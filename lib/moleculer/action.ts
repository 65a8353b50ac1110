// One action: lets its caller in, runs its handler within what is left of the caller's time, and translates its errors.
import type { Static } from "@sinclair/typebox";
import { type Context, Errors } from "moleculer";
import { type Access, type ActionContract, type Actor, refusalsOf } from "../contract";
import { CommitTooLarge } from "../events/feed";
import { metadataOf } from "../events/metadata";
import type { Logger } from "../logger";
import { Refusal } from "../refusal";
import { DuplicateKey, StoreUnavailable } from "../store/store";
import { type Bus, toCallingOptions } from "./bus";
import { cutPage, pageLimit } from "./middlewares/bound-messages";
import type { Caller } from "./middlewares/calls-under-way";
import { callerOf, stillWanted } from "./middlewares/caller";
import type { Origin } from "./origin";
import { runtimeOf } from "./runtime";
import { paramsFrom } from "./validator";

/** What a handler sees of a call. */
export interface ActionContext<P> extends Origin {
  readonly params: P;
  /** Names what the caller asked for once, however often the framework tries to bring it here. */
  readonly attempt: string;
  /** Who waits for the answer, and how long: for work that is not worth beginning when nobody does. */
  readonly caller: Caller;
}

type ActorFor<A extends Access> = A extends "anyone" | "internal" ? undefined : Actor;

export type HandlerOf<C> =
  C extends ActionContract<infer P, infer R, infer A>
    ? (ctx: ActionContext<Static<P>>, actor: ActorFor<A>) => Promise<Static<R>>
    : never;

/** A handler whose types are no longer known. */
export type AnyHandler = (ctx: ActionContext<unknown>, actor: Actor | undefined) => Promise<unknown>;

interface CallHeaders {
  token?: string;
  attempt?: string;
}

/**
 * What an action's own handler may not pass on: a call that it made with wrong params is its mistake, not its
 * caller's.
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

/** The schema of one of Moleculer's actions. @param name its full name */
export const toAction = (name: string, contract: ActionContract, handler: AnyHandler, logger: () => Logger) => {
  const promised = refusalsOf(contract);
  return {
    params: paramsFrom(contract.params),
    ...(contract.deadline === undefined ? {} : { timeout: contract.deadline }),
    ...(contract.idempotent ? { retryPolicy: { enabled: true, retries: 2 } } : {}),
    async handler(ctx: Context<unknown, object, object, CallHeaders>): Promise<unknown> {
      try {
        const actor = await runtimeOf(ctx.broker).access.admit(contract.access, ctx.headers.token);
        await stillWanted(ctx);
        const call: Bus["call"] = (action, params, options) => ctx.call(action, params, toCallingOptions(options));
        const result = await handler(
          {
            params: ctx.params,
            attempt: ctx.headers.attempt ?? ctx.id,
            caller: callerOf(ctx),
            call,
            metadata: metadataOf(ctx.requestID, ctx.meta, actor?.id),
          },
          actor,
        );
        return isPage(contract) ? cutPage(result as { items: unknown[] }, pageLimit(ctx.broker)) : result;
      } catch (error) {
        throw toWire(error, logger(), name, promised);
      }
    },
  };
};

// Who waits for the answer to a call, for the handler that works on it.
import { Errors } from "moleculer";
import type { Locals } from "./call-hooks";
import type { Caller } from "./calls-under-way";

/**
 * The type of the error that refuses a call whose caller has gone: it answers nobody, and no circuit breaker counts it.
 */
export const CALLER_GONE = "CALLER_GONE";

/** The error that refuses such a call. */
export const gone = (action: string | undefined) =>
  new Errors.MoleculerRetryableError(`Nobody waits for ${action} any more.`, 499, CALLER_GONE, {});

const patient: Caller = { timeLeft: () => Number.POSITIVE_INFINITY, signal: new AbortController().signal };

/** Who waits for the answer to a call; on a broker without this middleware, somebody with all the time in the world. */
export const callerOf = (ctx: { locals: object }): Caller => (ctx.locals as Locals).caller ?? patient;

/**
 * To be awaited before a handler starts that had to wait for something first. Rejects when its caller has gone
 * meanwhile.
 */
export const stillWanted = (ctx: { locals: object }): Promise<void> | undefined =>
  (ctx.locals as Locals).caller?.recheck();

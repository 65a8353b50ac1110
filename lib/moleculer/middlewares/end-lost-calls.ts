// Ends remote calls whose answer was lost: Moleculer tells the caller in time, but counts the call as running for ever.
import type { Context, Middleware } from "moleculer";
import { raceTimer } from "../../race";

/** Milliseconds after the deadline, at which the caller has long been told. */
const LATE = 500;

/** Without it, one answer that was lost in an outage of NATS would hold up the next stop until `shutdownTimeout`. */
export const endLostCalls = (): Middleware => ({
  name: "EndLostCalls",
  remoteAction: next => async (ctx: Context) => {
    const { timeout } = ctx.options;
    const answer = (next as (ctx: Context) => Promise<unknown>)(ctx);
    if (!timeout) return answer;
    return raceTimer(answer, timeout + LATE, () => {
      throw new Error("The answer was lost.");
    });
  },
});

// The caller's side of a deadline: when a call is given up, and how its callee hears of it.
import { randomUUID } from "node:crypto";
import { Errors, type ServiceBroker } from "moleculer";
import { timeLimitOf } from "../registry";
import type { Begin, Call, Options, Packet } from "./call-hooks";
import { gone } from "./caller";

/** The event that tells a node: the call of this id is given up. Its sender is the caller. */
export const ABANDONED = "$call.abandoned";
/** Errors that a caller gets when it gives up, or its node gives the callee's up. */
const GIVEN_UP: ReadonlySet<unknown> = new Set(["REQUEST_TIMEOUT", "REQUEST_REJECTED"]);

const tooLate = (action: string, nodeID: string) => new Errors.RequestTimeoutError({ action, nodeID });
const typeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "type" in error ? error.type : undefined;

/**
 * Gives every call its deadline, and gives it up when that is over or its own caller has gone.
 * @param broker the broker, once there is one
 * @param now milliseconds of a monotonic clock
 * @param abandonHere gives up a call that this very process works on, named by its caller and its id
 */
export const givingUp = (broker: () => ServiceBroker, now: () => number, abandonHere: (key: string) => void) => {
  const abandon = ({ nodeID, id, level, action }: Call): void => {
    if (nodeID === null || nodeID === broker().nodeID) return abandonHere(`${broker().nodeID} ${id}`);
    broker().logger.debug(`Giving up ${action?.name} at ${nodeID}.`);
    // Straight to the node: the registry may have counted it out already, and it may wake up.
    const payload = {
      id: randomUUID(),
      event: ABANDONED,
      data: id,
      level,
      groups: [],
      broadcast: false,
      needAck: false,
    };
    const packet: Packet<object> = { type: "EVENT", target: nodeID, payload };
    broker()
      .transit?.publish(packet as never)
      .catch((error: unknown) => broker().logger.debug("A call could not be given up:", error));
  };

  /** An action's own time limit, or the broker's; never later than what its caller has left (`options.timeout`). */
  const limitOf = (action: string, { timeout }: Options): number => {
    const limits = [timeout, timeLimitOf(broker(), action) ?? broker().options.requestTimeout];
    return Math.min(...limits.map(limit => limit || Number.POSITIVE_INFINITY));
  };

  return (next: Begin): Begin =>
    (action, params, options = {}) => {
      const again = options.ctx;
      const { signal } = again?.options ?? options;
      const deadline = again?.options.deadline ?? now() + limitOf(action, options);
      const left = deadline - now();
      if (signal?.aborted) return Promise.reject(gone(action));
      if (left <= 0) return Promise.reject(tooLate(action, broker().nodeID));
      const limits = { deadline, ...(left === Number.POSITIVE_INFINITY ? {} : { timeout: left }) };
      if (again) again.options = { ...again.options, ...limits };
      const running = next(action, params, again ? options : { ...options, ...limits });
      const giveUp = () => {
        if (running.ctx) abandon(running.ctx);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const done = () => signal?.removeEventListener("abort", giveUp);
      running.then(done, error => {
        done();
        if (GIVEN_UP.has(typeOf(error))) giveUp();
      });
      return running;
    };
};

// How long the gateway works for one request: until its time is over, or its client has gone.
import type { ServerResponse } from "node:http";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { raceTimer } from "../../../lib/race";
import { Refusal } from "../../../lib/refusal";
import { Standstill, TICK } from "../../../lib/moleculer/middlewares/standstill";

/** Milliseconds in which the end of a connection is read that had been waiting behind its request. */
const READ_UP_MS = 100;

/**
 * After this process stood still, requests are read whose clients left long ago, and their leaving is read later.
 * `readUp` is to be awaited before a request changes anything.
 */
export const newWaking = () => {
  const standstill = new Standstill({ now: () => performance.now(), day: Date.now }, () => undefined);
  const ticking = setInterval(() => standstill.look(), TICK).unref();
  return {
    readUp: (): Promise<void> | undefined =>
      standstill.isReadingUp(standstill.look()) ? setTimeoutPromise(READ_UP_MS) : undefined,
    stop: () => clearInterval(ticking),
  };
};
export type Waking = ReturnType<typeof newWaking>;

export class RequestDeadline {
  private readonly until: number;

  /** @param limitMs milliseconds for all of the request together */
  constructor(
    private readonly response: ServerResponse,
    limitMs: number,
  ) {
    this.until = performance.now() + limitMs;
  }

  /** Aborted when the client goes away before its answer. */
  get client(): AbortSignal {
    const gone = new AbortController();
    const { response } = this;
    if (response.destroyed) gone.abort();
    else response.once("close", () => !response.writableEnded && gone.abort());
    return gone.signal;
  }

  /** @throws Refusal SERVICE_UNAVAILABLE when the work is not done in time */
  async within<T>(work: Promise<T>): Promise<T> {
    return raceTimer(work, Math.max(this.until - performance.now(), 0), () => {
      throw new Refusal("SERVICE_UNAVAILABLE");
    });
  }
}

// How services reach each other: calls and nudges, typed end to end by the contracts.
import type { Actions, Events, ParamsOf, ResultOf } from "../contract";

export interface CallOptions {
  /** Milliseconds; never longer than what is left of the caller's own deadline. */
  timeout?: number;
  /** Aborted when nobody waits for the answer any more: what has not begun by then, does not begin. */
  signal?: AbortSignal;
  /** The end user's access token, for actions that need one. */
  token?: string;
  /**
   * Names this call in all its tries, so that the second one is not taken for somebody's repeat. Default: each try has
   * a name of its own.
   */
  attempt?: string;
  /** The request that it is a part of. Default: the caller's own, or else a new one. */
  requestId?: string;
}

export interface Bus {
  /** Calls an action wherever it lives. Rejects with the callee's refusal, or with a timeout. */
  call<N extends keyof Actions>(
    name: N,
    params: ParamsOf<Actions[N]>,
    options?: CallOptions,
  ): Promise<ResultOf<Actions[N]>>;
  /**
   * Nudges one instance of each service that listens, and every instance of those that ask for it (see `listenAlone`).
   * A nudge may get lost: whoever must not miss anything follows the feed.
   */
  emit<N extends keyof Events>(name: N, payload: Events[N]): Promise<void>;
}

/** Turns call options into Moleculer's: token and attempt travel as headers, which no further call inherits. */
export const toCallingOptions = ({ timeout, token, signal, attempt, requestId }: CallOptions = {}) => ({
  ...(timeout === undefined ? {} : { timeout }),
  ...(signal === undefined ? {} : { signal }),
  ...(requestId === undefined ? {} : { requestID: requestId }),
  ...(token === undefined && attempt === undefined
    ? {}
    : { headers: { ...(token === undefined ? {} : { token }), ...(attempt === undefined ? {} : { attempt }) } }),
});

/**
 * The group of a listener of which every instance is to hear, because each keeps something of its own that changes:
 * Moleculer tells one member of each group.
 */
export const listenAlone = (service: string, nodeID: string): string => `${service}@${nodeID}`;

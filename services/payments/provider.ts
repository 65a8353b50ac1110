// The port to whoever moves the money, and the two ways in which it fails to answer.
import type { Money } from "../../contracts/common";
import type { PaymentMethod } from "../../contracts/payments";
import { raceTimer } from "../../lib/race";

export interface AuthorizeRequest {
  /** The order's id: what makes a repeat the same request. */
  readonly key: string;
  readonly amount: Money;
  readonly method: PaymentMethod;
}

/** Where the provider's books have a payment. `reference` is the provider's own name for it. */
export interface ProviderPayment {
  readonly status: "authorized" | "declined" | "captured" | "voided" | "refunded";
  readonly reference: string;
}

/**
 * Every operation is idempotent by key, changes the books at most once, and answers where they then have the payment:
 * an operation that does not apply changes nothing (a capture after a void answers `voided`). Each may throw
 * ProviderTimeout or ProviderUnreachable.
 */
export interface PaymentProvider {
  /** Holds the amount, or declines. */
  authorize(request: AuthorizeRequest): Promise<ProviderPayment>;
  /** Takes the held amount. */
  capture(key: string): Promise<ProviderPayment>;
  /**
   * Lets the held amount go. A key that the provider has never heard of is voided too, for good: an authorize that was
   * still under way, and arrives after this, must not hold money any more.
   */
  void(key: string): Promise<ProviderPayment>;
  /** Gives back what was taken. */
  refund(key: string): Promise<ProviderPayment>;
  /** Only asks. `absent`: nothing with this key has arrived so far. */
  find(key: string): Promise<ProviderPayment | "absent">;
}

/** No answer in time: done or not, or done later; only asking tells. */
export class ProviderTimeout extends Error {
  override readonly name = "ProviderTimeout";
}

/** The request did not get through: it is certainly not done. */
export class ProviderUnreachable extends Error {
  override readonly name = "ProviderUnreachable";
}

const within = async <T>(timeoutMs: number, answer: Promise<T>): Promise<T> =>
  raceTimer(answer, timeoutMs, () => {
    throw new ProviderTimeout(`No answer within ${timeoutMs} ms`);
  });

/** The same provider, but every operation throws ProviderTimeout when it has not answered after `timeoutMs`. */
export const withTimeout = (provider: PaymentProvider, timeoutMs: number): PaymentProvider => ({
  authorize: request => within(timeoutMs, provider.authorize(request)),
  capture: key => within(timeoutMs, provider.capture(key)),
  void: key => within(timeoutMs, provider.void(key)),
  refund: key => within(timeoutMs, provider.refund(key)),
  find: key => within(timeoutMs, provider.find(key)),
});

// What the payments service promises: one payment per order, never captured twice, never guessed.
import { type Static, Type } from "@sinclair/typebox";
import { action, choice, object } from "../lib/contract";
import { feed, health, Id, Money, Nothing } from "./common";

export const PaymentMethod = choice(
  "sandbox:ok",
  "sandbox:declined",
  "sandbox:timeout-then-ok",
  "sandbox:timeout-then-declined",
  "sandbox:unreachable",
);
export type PaymentMethod = Static<typeof PaymentMethod>;

export const PaymentStatus = choice("pending", "authorized", "captured", "declined", "voided", "refunded", "unknown");
export type PaymentStatus = Static<typeof PaymentStatus>;

/**
 * `unknown`: the provider has not said yet; call the same action again later. `reference` is the provider's, null until
 * it gave one.
 */
const Payment = object({ status: PaymentStatus, reference: Type.Union([Type.String(), Type.Null()]) });
export type Payment = Static<typeof Payment>;

const OrderId = object({ orderId: Id });

/** All are idempotent by order id: a repeat asks the provider what became of the first try and says so. */
export const payments = {
  authorize: action({
    access: "internal",
    params: object({ orderId: Id, amount: Money, method: PaymentMethod }),
    result: Payment,
    idempotent: true,
  }),
  capture: action({
    access: "internal",
    params: OrderId,
    result: Payment,
    refuses: ["PAYMENT_NOT_AUTHORIZED"],
    idempotent: true,
  }),
  /**
   * The undo of both: voids what is authorised, refunds what is captured, and refuses every later authorize or capture.
   */
  cancel: action({ access: "internal", params: OrderId, result: Payment, idempotent: true }),
  health,
  feed,
};

export const paymentEvents = {
  PaymentRequested: object({ amount: Money, method: PaymentMethod }),
  PaymentAuthorized: object({ reference: Type.String() }),
  PaymentDeclined: Nothing,
  /** The provider did not answer: whether money is held is not known. */
  PaymentUncertain: Nothing,
  CaptureRequested: Nothing,
  PaymentCaptured: Nothing,
  /** From here on nothing is authorised or captured any more. */
  CancelRequested: Nothing,
  PaymentVoided: Nothing,
  PaymentRefunded: Nothing,
};

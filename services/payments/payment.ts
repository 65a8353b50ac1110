// A payment: what can happen to it, what it is then, and what other services see of it. Pure.
import type { Money } from "../../contracts/common";
import type { Payment, paymentEvents, PaymentMethod } from "../../contracts/payments";
import type { EventOf } from "../../lib/contract";

export type PaymentEvent = EventOf<typeof paymentEvents>;

export interface Terms {
  amount: Money;
  method: PaymentMethod;
}
interface Referenced {
  /** The provider's name for it; null while it gave none. */
  reference: string | null;
}

/** `requested`, `uncertain`, `captureRequested` and `cancelRequested` wait for the provider's word. */
export type PaymentState =
  | { status: "none" }
  | ({ status: "requested" | "uncertain" } & Terms)
  | ({ status: "authorized" | "captureRequested" | "captured" } & Referenced)
  | ({ status: "cancelRequested" | "voided" | "refunded" } & Referenced)
  | { status: "declined" };

export const noPayment: PaymentState = { status: "none" };

const referenceOf = (state: PaymentState) => ("reference" in state ? state.reference : null);

export const evolve = (state: PaymentState, event: PaymentEvent): PaymentState => {
  switch (event.type) {
    case "PaymentRequested":
      return { status: "requested", ...event.data };
    case "PaymentUncertain":
      return state.status === "requested" ? { ...state, status: "uncertain" } : state;
    case "PaymentAuthorized":
      return { status: "authorized", reference: event.data.reference };
    case "PaymentDeclined":
      return { status: "declined" };
    case "CaptureRequested":
      return { status: "captureRequested", reference: referenceOf(state) };
    case "PaymentCaptured":
      return { status: "captured", reference: referenceOf(state) };
    case "CancelRequested":
      return { status: "cancelRequested", reference: referenceOf(state) };
    case "PaymentVoided":
      return { status: "voided", reference: referenceOf(state) };
    case "PaymentRefunded":
      return { status: "refunded", reference: referenceOf(state) };
    default:
      return event satisfies never;
  }
};

/** The payment as other services see it. */
export const show = (state: PaymentState): Payment => {
  switch (state.status) {
    case "none":
      return { status: "pending", reference: null };
    case "requested":
    case "uncertain":
    case "captureRequested":
    case "cancelRequested":
      return { status: "unknown", reference: referenceOf(state) };
    case "authorized":
    case "captured":
    case "declined":
    case "voided":
    case "refunded":
      return { status: state.status, reference: referenceOf(state) };
    default:
      return state satisfies never;
  }
};

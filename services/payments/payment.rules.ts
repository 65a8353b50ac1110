// The rules of one payment: no capture without authorisation, none twice, and nothing after a cancel. Pure.
import type { Money } from "../../contracts/common";
import type { Payment, paymentEvents, PaymentMethod } from "../../contracts/payments";
import type { EventOf } from "../../lib/contract";
import { Refusal } from "../../lib/refusal";
import type { ProviderPayment } from "./provider";

export type PaymentEvent = EventOf<typeof paymentEvents>;

interface Terms {
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

/** What came of asking the provider. */
export type Answer = ProviderPayment | { readonly status: "timeout" | "unreachable" };

export type PaymentCommand =
  ({ type: "authorize" } & Terms) | { type: "capture" } | { type: "cancel" } | { type: "record"; answer: Answer };

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

const capture = (state: PaymentState): PaymentEvent[] => {
  switch (state.status) {
    case "none":
    case "requested":
    case "uncertain":
      throw new Refusal("PAYMENT_NOT_AUTHORIZED");
    case "authorized":
      return [{ type: "CaptureRequested", data: {} }];
    case "captureRequested":
    case "captured":
    case "declined":
    case "cancelRequested":
    case "voided":
    case "refunded":
      return [];
    default:
      return state satisfies never;
  }
};

const cancel = (state: PaymentState): PaymentEvent[] => {
  switch (state.status) {
    case "none":
      // No request was ever sent, and from here on none will be: there is nothing to ask the provider.
      return [
        { type: "CancelRequested", data: {} },
        { type: "PaymentVoided", data: {} },
      ];
    case "requested":
    case "uncertain":
    case "authorized":
    case "captureRequested":
    case "captured":
      return [{ type: "CancelRequested", data: {} }];
    case "declined":
    case "cancelRequested":
    case "voided":
    case "refunded":
      return [];
    default:
      return state satisfies never;
  }
};

const awaitsAuthorization = (state: PaymentState) => state.status === "requested" || state.status === "uncertain";
const awaitsAnswer = (state: PaymentState) =>
  awaitsAuthorization(state) || state.status === "captureRequested" || state.status === "cancelRequested";

/**
 * An answer counts once, and only where it is waited for: what is held or taken after a cancel is left for the cancel
 * to undo.
 */
const record = (answer: Answer, state: PaymentState): PaymentEvent[] => {
  if (!awaitsAnswer(state)) return [];
  switch (answer.status) {
    case "authorized":
      return awaitsAuthorization(state) ? [{ type: "PaymentAuthorized", data: { reference: answer.reference } }] : [];
    case "captured":
      return state.status === "captureRequested" ? [{ type: "PaymentCaptured", data: {} }] : [];
    case "declined":
      return [{ type: "PaymentDeclined", data: {} }];
    case "voided":
      return [{ type: "PaymentVoided", data: {} }];
    case "refunded":
      return [{ type: "PaymentRefunded", data: {} }];
    case "timeout":
      return state.status === "requested" ? [{ type: "PaymentUncertain", data: {} }] : [];
    case "unreachable":
      return [];
    default:
      return answer satisfies never;
  }
};

/**
 * What happens on a command; nothing when it has happened before or no longer may.
 * @throws Refusal PAYMENT_NOT_AUTHORIZED for a capture that comes before the authorisation
 */
export const decide = (command: PaymentCommand, state: PaymentState): PaymentEvent[] => {
  switch (command.type) {
    case "authorize":
      return state.status === "none"
        ? [{ type: "PaymentRequested", data: { amount: command.amount, method: command.method } }]
        : [];
    case "capture":
      return capture(state);
    case "cancel":
      return cancel(state);
    case "record":
      return record(command.answer, state);
    default:
      return command satisfies never;
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

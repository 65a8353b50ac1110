// The rules of one payment: no capture without authorisation, none twice, and nothing after a cancel. Pure.
import { Refusal } from "../../lib/refusal";
import type { PaymentEvent, PaymentState, Terms } from "./payment";
import type { ProviderPayment } from "./provider";

/** What came of asking the provider. */
export type Answer = ProviderPayment | { readonly status: "timeout" | "unreachable" };

export type PaymentCommand =
  ({ type: "authorize" } & Terms) | { type: "capture" } | { type: "cancel" } | { type: "record"; answer: Answer };

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

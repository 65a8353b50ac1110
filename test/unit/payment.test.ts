// The rules of one payment, as scenarios: given what happened, when a command or an answer comes, then these events.
import { evolve, noPayment, type PaymentEvent, show } from "../../services/payments/payment";
import { type Answer, decide, type PaymentCommand } from "../../services/payments/payment.rules";

const terms = { amount: { amount: 1999, currency: "USD" }, method: "sandbox:ok" as const };
const authorize: PaymentCommand = { type: "authorize", ...terms };
const capture: PaymentCommand = { type: "capture" };
const cancel: PaymentCommand = { type: "cancel" };
const answered = (status: Answer["status"]): PaymentCommand => ({
  type: "record",
  answer: status === "timeout" || status === "unreachable" ? { status } : { status, reference: "r-1" },
});

const is = (type: Exclude<PaymentEvent["type"], "PaymentRequested" | "PaymentAuthorized">): PaymentEvent => ({
  type,
  data: {},
});
const isRequested: PaymentEvent = { type: "PaymentRequested", data: terms };
const isAuthorized: PaymentEvent = { type: "PaymentAuthorized", data: { reference: "r-1" } };

const requested = [isRequested];
const uncertain = [...requested, is("PaymentUncertain")];
const authorized = [...requested, isAuthorized];
const captureRequested = [...authorized, is("CaptureRequested")];
const captured = [...captureRequested, is("PaymentCaptured")];
const declined = [...requested, is("PaymentDeclined")];
const cancelRequested = [...authorized, is("CancelRequested")];
const voided = [...cancelRequested, is("PaymentVoided")];
const refunded = [...captured, is("CancelRequested"), is("PaymentRefunded")];
const histories = {
  none: [],
  requested,
  uncertain,
  authorized,
  captureRequested,
  captured,
  declined,
  cancelRequested,
  voided,
  refunded,
};

const given = (events: readonly PaymentEvent[]) => {
  const state = events.reduce(evolve, noPayment);
  return { when: (command: PaymentCommand) => decide(command, state), shown: show(state) };
};

describe("authorising", () => {
  test("a first authorize writes down what is wanted", () => expect(given([]).when(authorize)).toEqual([isRequested]));

  test.each(Object.entries(histories).filter(([name]) => name !== "none"))(
    "an authorize that comes again does nothing (%s)",
    (_name, history) => expect(given(history).when(authorize)).toEqual([]),
  );

  test("the provider's yes and no are recorded", () => {
    expect(given(requested).when(answered("authorized"))).toEqual([isAuthorized]);
    expect(given(requested).when(answered("declined"))).toEqual([is("PaymentDeclined")]);
  });

  test("no answer in time is a state of its own, written down once, which the next answer settles", () => {
    expect(given(requested).when(answered("timeout"))).toEqual([is("PaymentUncertain")]);
    expect(given(uncertain).shown).toEqual({ status: "unknown", reference: null });
    expect(given(uncertain).when(answered("timeout"))).toEqual([]);
    expect(given(uncertain).when(answered("authorized"))).toEqual([isAuthorized]);
  });

  test("a request that did not get through leaves everything as it was", () => {
    expect(given(requested).when(answered("unreachable"))).toEqual([]);
    expect(given(requested).shown.status).toBe("unknown");
  });
});

describe("capturing", () => {
  test.each(["none", "requested", "uncertain"] as const)("is refused before the payment is authorised (%s)", name => {
    expect(() => given(histories[name]).when(capture)).toThrow("PAYMENT_NOT_AUTHORIZED");
  });

  test("is written down first, and captured when the provider says so", () => {
    expect(given(authorized).when(capture)).toEqual([is("CaptureRequested")]);
    expect(given(captureRequested).when(answered("captured"))).toEqual([is("PaymentCaptured")]);
    expect(given(captured).shown).toEqual({ status: "captured", reference: "r-1" });
  });

  test("never happens twice", () => {
    expect(given(captureRequested).when(capture)).toEqual([]);
    expect(given(captured).when(capture)).toEqual([]);
    expect(given(captured).when(answered("captured"))).toEqual([]);
  });

  test("is unknown until the provider has said", () => {
    expect(given(captureRequested).shown).toEqual({ status: "unknown", reference: "r-1" });
    for (const nothing of ["timeout", "unreachable", "authorized"] as const)
      expect(given(captureRequested).when(answered(nothing))).toEqual([]);
  });
});

describe("cancelling", () => {
  test("what was never requested is voided at once", () =>
    expect(given([]).when(cancel)).toEqual([is("CancelRequested"), is("PaymentVoided")]));

  test.each(["requested", "uncertain", "authorized", "captureRequested", "captured"] as const)(
    "is written down first (%s)",
    name => expect(given(histories[name]).when(cancel)).toEqual([is("CancelRequested")]),
  );

  test.each(["declined", "cancelRequested", "voided", "refunded"] as const)("happens once (%s)", name =>
    expect(given(histories[name]).when(cancel)).toEqual([]),
  );

  test.each(["none", "declined", "cancelRequested", "voided", "refunded"] as const)(
    "ends in nothing held, whatever is asked for or answered later (%s)",
    name => {
      const history = [...histories[name], ...given(histories[name]).when(cancel)];
      const later = [
        authorize,
        capture,
        ...(["authorized", "captured", "timeout", "unreachable"] as const).map(answered),
      ];
      for (const command of later) expect(given(history).when(command)).toEqual([]);
    },
  );

  test("ends as the provider says: voided, refunded or declined; until then it is unknown", () => {
    expect(given(cancelRequested).shown.status).toBe("unknown");
    expect(given(cancelRequested).when(answered("voided"))).toEqual([is("PaymentVoided")]);
    expect(given(cancelRequested).when(answered("refunded"))).toEqual([is("PaymentRefunded")]);
    expect(given(cancelRequested).when(answered("declined"))).toEqual([is("PaymentDeclined")]);
    expect(given(voided).shown).toEqual({ status: "voided", reference: "r-1" });
    expect(given(refunded).shown).toEqual({ status: "refunded", reference: "r-1" });
  });
});

test("every answer, in every state, at most once: what is settled stays as it is", () => {
  const answers = (["authorized", "captured", "declined", "voided", "refunded", "timeout", "unreachable"] as const).map(
    answered,
  );
  for (const name of ["none", "authorized", "captured", "declined", "voided", "refunded"] as const) {
    for (const answer of answers) expect(given(histories[name]).when(answer)).toEqual([]);
  }
});

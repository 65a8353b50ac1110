// The journey of one payment: write down the intention, do it at the provider, write down what came of it.
import type { Money } from "../../contracts/common";
import type { PaymentMethod } from "../../contracts/payments";
import type { Cause } from "../../lib/events/metadata";
import type { PaymentState } from "./payment";
import type { Answer } from "./payment.rules";
import type { PaymentCommands } from "./payment-commands";
import { type PaymentProvider, type ProviderPayment, ProviderTimeout, ProviderUnreachable } from "./provider";

export interface AuthorizeOrder {
  orderId: string;
  amount: Money;
  method: PaymentMethod;
}

const answerOf = async (asking: Promise<ProviderPayment>): Promise<Answer> => {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ProviderTimeout) return { status: "timeout" };
    if (error instanceof ProviderUnreachable) return { status: "unreachable" };
    throw error;
  }
};

/**
 * Whoever finds an intention that is not his own asks what became of it before he does anything: nothing is guessed.
 */
export class PaymentProcess {
  constructor(
    private readonly commands: PaymentCommands,
    private readonly provider: PaymentProvider,
  ) {}

  /** do 1: holds the amount. Its undo is `cancel`. */
  async authorize({ orderId, amount, method }: AuthorizeOrder, cause?: Cause): Promise<PaymentState> {
    const { payment, first } = await this.commands.apply(orderId, { type: "authorize", amount, method }, cause);
    if (payment.status !== "requested" && payment.status !== "uncertain") return payment;
    const request = { key: orderId, amount: payment.amount, method: payment.method };
    return this.record(
      orderId,
      first ? this.provider.authorize(request) : this.resume(orderId, "absent", () => this.provider.authorize(request)),
      cause,
    );
  }

  /** do 2: takes what is held. Its undo is `cancel`. @throws Refusal PAYMENT_NOT_AUTHORIZED */
  async capture(orderId: string, cause?: Cause): Promise<PaymentState> {
    const { payment, first } = await this.commands.apply(orderId, { type: "capture" }, cause);
    if (payment.status !== "captureRequested") return payment;
    return this.record(
      orderId,
      first ? this.provider.capture(orderId) : this.resume(orderId, "authorized", () => this.provider.capture(orderId)),
      cause,
    );
  }

  /** undo of both: lets go what is held, gives back what is taken, and closes the payment to whatever comes later. */
  async cancel(orderId: string, cause?: Cause): Promise<PaymentState> {
    const { payment } = await this.commands.apply(orderId, { type: "cancel" }, cause);
    if (payment.status !== "cancelRequested") return payment;
    return this.record(orderId, this.undo(orderId), cause);
  }

  /**
   * A void settles by itself who was faster, it or a capture still under way: so it comes first, even after a capture.
   */
  private async undo(orderId: string): Promise<ProviderPayment> {
    const left = await this.provider.void(orderId);
    return left.status === "captured" ? this.provider.refund(orderId) : left;
  }

  /** Repeats a step only when the provider's books show that it has not been done. */
  private async resume(
    orderId: string,
    undone: "absent" | "authorized",
    step: () => Promise<ProviderPayment>,
  ): Promise<ProviderPayment> {
    const found = await this.provider.find(orderId);
    if (found === "absent" || found.status === undone) return step();
    return found;
  }

  private async record(orderId: string, asking: Promise<ProviderPayment>, cause?: Cause): Promise<PaymentState> {
    const answer = await answerOf(asking);
    return (await this.commands.apply(orderId, { type: "record", answer }, cause)).payment;
  }
}

// Commands on one payment against the log: load, decide, append, and again when another writer was faster.
import type { paymentEvents } from "../../contracts/payments";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import { evolve, noPayment, type PaymentState } from "./payment";
import { decide, type PaymentCommand } from "./payment.rules";

export interface Applied {
  payment: PaymentState;
  /** False when the command had nothing left to do: somebody, perhaps this process before a crash, was here before. */
  first: boolean;
}

export class PaymentCommands {
  constructor(private readonly events: EventStore<typeof paymentEvents>) {}

  /** Records what the command leads to. @throws Refusal of the rules */
  apply(orderId: string, command: PaymentCommand): Promise<Applied> {
    return decideAgainOnConflict(async () => {
      const payment = await this.events.load<PaymentState>(`payment-${orderId}`, evolve, noPayment);
      const events = decide(command, payment.state);
      if (events.length > 0) await this.events.append([payment.append(events)]);
      return { payment: events.reduce(evolve, payment.state), first: events.length > 0 };
    });
  }
}

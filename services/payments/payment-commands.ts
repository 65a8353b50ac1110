// Commands on one payment against its log.
import type { paymentEvents } from "../../contracts/payments";
import { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Cause } from "../../lib/events/metadata";
import type { Aggregate } from "../../lib/events/unit-of-work";
import { evolve, noPayment, type PaymentState } from "./payment";
import { decide, type PaymentCommand } from "./payment.rules";

type Events = typeof paymentEvents;
const payment: Aggregate<Events, PaymentState> = { initial: noPayment, evolve };

export interface Applied {
  payment: PaymentState;
  /** False when the command had nothing left to do: somebody, perhaps this process before a crash, was here before. */
  first: boolean;
}

export class PaymentCommands {
  private readonly handler: CommandHandler<Events>;

  constructor(events: EventStore<Events>) {
    this.handler = new CommandHandler(events);
  }

  /** Records what the command leads to. @throws Refusal of the rules */
  apply(orderId: string, command: PaymentCommand, cause?: Cause): Promise<Applied> {
    return this.handler.handle(
      async work => {
        const stream = `payment-${orderId}`;
        const before = await (command.type === "authorize"
          ? work.loadNew(payment, stream)
          : work.load(payment, stream));
        const events = decide(command, before.state);
        const committed = await work.commit([before.append(events)]);
        return { payment: committed.stateOf(before), first: events.length > 0 };
      },
      { cause },
    );
  }
}

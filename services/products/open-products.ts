// Opens all that acts on products, on one log and its catalogue: states that are remembered are common to all of it.
import { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Catalogue } from "./catalogue";
import { ProductCommands } from "./product-commands";
import { type Events, productIn } from "./product-streams";
import { ReservationCommands } from "./reservation-commands";

export const openProducts = (events: EventStore<Events>, catalogue: Catalogue) => {
  const [handler, product] = [new CommandHandler(events), productIn(catalogue)];
  return {
    commands: new ProductCommands(events, handler, catalogue, product),
    reservations: new ReservationCommands(handler, catalogue, product),
  };
};

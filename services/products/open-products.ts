// Opens all that acts on products, on one log: states that are remembered are common to all of it.
import { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import { ProductCommands } from "./product-commands";
import type { Events } from "./product-streams";
import { ReservationCommands } from "./reservation-commands";

export const openProducts = (events: EventStore<Events>) => {
  const handler = new CommandHandler(events);
  return { commands: new ProductCommands(events, handler), reservations: new ReservationCommands(handler) };
};

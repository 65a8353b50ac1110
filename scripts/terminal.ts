// Moleculer's REPL, on the terminal or with commands from a pipe.
import type { ServiceBroker } from "moleculer";

/** Opens the REPL of a started broker; leaving it stops the broker, after the calls under way, and ends the process. */
export const openRepl = (broker: ServiceBroker): void => {
  broker.options.replOptions = { delimiter: "jangteo $" };
  // Moleculer's types do not say that it returns Node's own, which would print the result of every command: `undefined`.
  const repl: unknown = broker.repl();
  if (typeof repl === "object" && repl !== null) Object.assign(repl, { ignoreUndefined: true });
};

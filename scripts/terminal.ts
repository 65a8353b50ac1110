// Moleculer's REPL, for a terminal and for a pipe.
import type { REPLServer } from "node:repl";
import type { ServiceBroker } from "moleculer";

/** Commands from a pipe arrive all at once: one after the other, and the end only after the last one's answer. */
const takeTurns = (repl: REPLServer, broker: ServiceBroker): void => {
  const { eval: evaluate } = repl;
  let queue: Promise<unknown> = Promise.resolve();
  const evaluateInTurn: typeof evaluate = (command, context, file, done) => {
    const turn = () => new Promise<void>(next => evaluate.call(repl, command, context, file, (error, result) => {
      done(error, result);
      next();
    }));
    queue = queue.then(turn);
  };
  Object.assign(repl, { eval: evaluateInTurn });
  repl.removeAllListeners("exit");
  repl.on("exit", () => void queue.then(() => broker.stop()).then(() => process.exit(0)));
};

/** Opens the REPL of a started broker on stdin and stdout; leaving it stops the broker and ends the process. */
export const openRepl = (broker: ServiceBroker): void => {
  broker.options.replOptions = { delimiter: "jangteo $" };
  // Moleculer's types do not say that it returns Node's own.
  const repl = broker.repl() as unknown as REPLServer;
  Object.assign(repl, { ignoreUndefined: true });
  if (!process.stdin.isTTY) takeTurns(repl, broker);
};

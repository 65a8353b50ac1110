// Moleculer's REPL, on the terminal or with commands from a pipe.
import { REPLServer } from "node:repl";
import type { ServiceBroker } from "moleculer";
import { type Bus, toCallingOptions } from "../../lib/moleculer/bus";
import { replBroker } from "./broker";
import { replCommands } from "./commands";
import { ReplSession } from "./session";

/** Lines that are not written to the history file, which all REPLs of this person share. */
const IS_SECRET = /^\s*login\b|password|token/i;

const promptOf = (user?: { email: string }) => (user ? `jangteo ${user.email} $ ` : "jangteo $ ");

/** Makes each command wait for the one before it: what is typed ahead, or comes from a pipe, may need its outcome. */
const oneByOne = (repl: REPLServer, before: (line: string) => Promise<void>): (() => Promise<void>) => {
  const { eval: run } = repl;
  let last = Promise.resolve();
  const evaluate: typeof run = (line, context, file, done) => {
    const command = async () => {
      await before(line);
      await new Promise<void>(resolve => {
        run.call(repl, line, context, file, (error, result) => {
          done(error, result);
          resolve();
        });
      });
    };
    last = last.then(command);
  };
  Object.assign(repl, { eval: evaluate });
  return () => last;
};

/**
 * Opens the REPL of a started broker; leaving it ends the process.
 * @param end stops the broker, after the calls under way
 */
export const openRepl = (real: ServiceBroker, end: () => Promise<void>): void => {
  const call: Bus["call"] = (name, params, options) => real.call(name, params, toCallingOptions(options));
  const terminal: { repl?: REPLServer } = {};
  const session = new ReplSession(call, user => terminal.repl?.setPrompt(promptOf(user)));
  const stop = async () => {
    await session.logout().catch(() => undefined);
    await end();
  };
  const { broker, refreshMetrics } = replBroker(real, session, stop);
  real.options.replOptions = { delimiter: promptOf(), customCommands: replCommands(session, call) as never };
  // Moleculer's types do not say that it returns Node's own.
  const repl: unknown = broker.repl();
  if (!(repl instanceof REPLServer)) return;
  terminal.repl = repl;
  // Else the result of every command would be printed: `undefined`.
  Object.assign(repl, { ignoreUndefined: true });
  repl.on("history", (history: string[]) =>
    history.splice(0, history.length, ...history.filter(line => !IS_SECRET.test(line))),
  );
  const idle = oneByOne(repl, async line => (/^\s*metrics\b/.test(line) ? refreshMetrics() : undefined));
  // Ctrl-D, or the end of the pipe: Moleculer's own listener does not wait for the commands before it.
  repl.removeAllListeners("exit");
  repl.once(
    "exit",
    () =>
      void idle()
        .then(stop)
        .finally(() => process.exit(0)),
  );
};

// How every command ends: a StartupError in one sentence, anything else with its stack, both with exit code 1.
import { inspect } from "node:util";
import { StartupError } from "../lib/errors";

export const explain = (error: unknown): string => (error instanceof StartupError ? error.message : inspect(error));

/** Says why and ends the process. */
export const die = (error: unknown): never => {
  console.error(explain(error));
  return process.exit(1);
};

/** Ctrl-C reaches a process twice, from the terminal and from npm: only a later one means "now". */
const SAME_SIGNAL = 1000;

/** Calls `stop` on the first SIGINT or SIGTERM; a second one ends the process at once, after `abandon`. */
export const onStopSignal = (stop: () => void, abandon: () => void = () => undefined): void => {
  let since: number | undefined;
  const onSignal = () => {
    if (since === undefined) {
      since = performance.now();
      stop();
    } else if (performance.now() - since > SAME_SIGNAL) {
      abandon();
      process.exit(1);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
};

// Runs the services that this process hosts: starts them, says where the shop is, and ends cleanly or loudly.
import { inspect } from "node:util";
import { Loggers } from "moleculer";
import { StartupError } from "../lib/refusal";
import { addressFor, banner } from "./banner";
import { tellSupervisor } from "./child-message";
import type { Shop } from "./shop";

const STOP_LIMIT = 15_000;
/** Ctrl-C reaches the process twice, from the terminal and from npm: only a later one means "now". */
const SAME_SIGNAL = 1000;

/** The broker would print a failed start with its stack; the sentence below says all there is to say. */
class LauncherLogger extends Loggers.Console {
  override getLogHandler(bindings: Parameters<Loggers.Console["getLogHandler"]>[0]) {
    const handler = super.getLogHandler(bindings);
    const log: typeof handler = (level, args) => (args.some(arg => arg instanceof StartupError) ? undefined : handler?.(level, args));
    return handler && log;
  }
}

const die = async (error: unknown): Promise<never> => {
  const reason = error instanceof StartupError ? error.message : inspect(error);
  const told = error instanceof StartupError && (await tellSupervisor({ type: "refused", reason }));
  if (!told) console.error(reason);
  return process.exit(1);
};

/** Settings are read when these modules load, so that a bad one ends here and not in an import. */
const start = async (): Promise<{ shop: Shop; host: string }> => {
  const [{ loadConfig }, { brokerOptions }, { startShop }] = await Promise.all([import("../lib/config.js"), import("../moleculer.config.js"), import("./shop.js")]);
  const config = loadConfig();
  Loggers.register("Console", LauncherLogger as never);
  return { shop: await startShop(config, { ...brokerOptions(config), skipProcessEventRegistration: true }), host: config.host };
};

const stop = async (shop: Shop | undefined): Promise<never> => {
  setTimeout(() => {
    console.error(`Stopping took longer than ${STOP_LIMIT / 1000} s: ending now. Nothing that was acknowledged is lost.`);
    process.exit(1);
  }, STOP_LIMIT);
  await shop?.stop();
  return process.exit(0);
};

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  let shop: Shop | undefined;
  let stoppingSince: number | undefined;
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      stop(shop).catch(die);
    } else if (performance.now() - stoppingSince > SAME_SIGNAL) process.exit(1);
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // The supervisor died: nobody else would end this process.
  process.on("disconnect", onSignal);

  const started = await start();
  shop = started.shop;
  const address = shop.port === undefined ? undefined : addressFor(started.host, shop.port);
  const told = await tellSupervisor({ type: "ready", address, notices: shop.notices });
  if (told) return;
  if (address) console.log(banner(address, shop.notices, performance.now() - startedAt));
  else console.log([...shop.notices, "Ready."].join("\n"));
  if (process.argv.includes("--repl")) shop.broker.repl();
};

main().catch(die);

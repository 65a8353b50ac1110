// Runs the services that this process hosts: starts them, says where the shop is, and ends cleanly or loudly.
import { Loggers } from "moleculer";
import { loadConfig } from "../lib/config";
import { StartupError } from "../lib/refusal";
import { headline, invitation } from "./banner";
import { tellSupervisor } from "./cluster/child-message";
import { die, onStopSignal } from "./command";
import type { Shop } from "./shop";
import { openRepl } from "./terminal";

const STOP_LIMIT = 15_000;

/** The broker would print a failed start with its stack; the sentence of a StartupError says all there is to say. */
class LauncherLogger extends Loggers.Console {
  override getLogHandler(bindings: Parameters<Loggers.Console["getLogHandler"]>[0]) {
    const handler = super.getLogHandler(bindings);
    const log: typeof handler = (level, args) =>
      args.some(arg => arg instanceof StartupError) ? undefined : handler?.(level, args);
    return handler && log;
  }
}

const refuse = async (error: unknown): Promise<never> => {
  const told = error instanceof StartupError && (await tellSupervisor({ type: "refused", reason: error.message }));
  return told ? process.exit(1) : die(error);
};

const startServices = async (): Promise<Shop> => {
  const config = loadConfig();
  // What takes long to load is loaded when the settings are known to be good.
  const [{ brokerOptions }, { startShop }] = await Promise.all([import("../moleculer.config.js"), import("./shop.js")]);
  Loggers.register("Console", LauncherLogger as never);
  return startShop(config, { ...brokerOptions(config), skipProcessEventRegistration: true }, die);
};

const stop = async (shop: Shop | undefined): Promise<never> => {
  setTimeout(
    () =>
      die(
        new StartupError(
          `Stopping took longer than ${STOP_LIMIT / 1000} s and was cut short. Nothing that was acknowledged is lost.`,
        ),
      ),
    STOP_LIMIT,
  );
  await shop?.stop();
  return process.exit(0);
};

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  const running: { shop?: Shop; end?: Promise<never> } = {};
  const stopNow = () => void (running.end ??= stop(running.shop).catch(die));
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
  onStopSignal(stopNow);
  // The supervisor is gone: nobody else would end this process.
  process.on("disconnect", stopNow);

  const shop = await startServices();
  const { address, notices } = shop;
  running.shop = shop;
  if (await tellSupervisor({ type: "ready", address, notices })) return;
  console.log(
    address === undefined
      ? ["Ready.", ...notices].join("\n")
      : headline(address, notices, performance.now() - startedAt),
  );
  if (process.argv.includes("--repl")) openRepl(shop.broker, shop.stop);
  else if (address !== undefined) console.log(invitation(address));
};

main().catch(refuse);

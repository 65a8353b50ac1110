// Runs the services that this process hosts: starts them, says where the shop is, and ends cleanly or loudly.
import { resolve } from "node:path";
import { Loggers, ServiceBroker } from "moleculer";
import { readEnvironment, readSettings } from "../lib/env";
import { StartupError } from "../lib/errors";
import { runtimeOf } from "../lib/moleculer/runtime";
import { headline, invitation } from "./banner";
import { tellSupervisor } from "./cluster/child-message";
import { die, onStopSignal } from "./command";
import { storeSettings } from "../lib/store/settings";
import { everybodysSettings, fileOf, settingsOf } from "../service-files";

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

interface Shop {
  broker: ServiceBroker;
  /** What the person who started it is told once. */
  notices: readonly string[];
  /** Where the gateway listens, such as `http://127.0.0.1:3000`; undefined when another process hosts it. */
  address: string | undefined;
}

const startServices = async (): Promise<Shop> => {
  const env = readEnvironment();
  const { brokerOptions, servicesIn } = await import("../moleculer.config.js");
  const names = servicesIn(env);
  for (const name of names) readSettings(settingsOf(name), env);
  const { NATS_URL: nats } = readSettings(everybodysSettings, env);
  const { DATA_DIR: dataDir, MONGO_URL: mongoUrl } = readSettings(storeSettings, env);
  // Two shops that do not hear of each other would show what the other has changed too late.
  if (!nats && !mongoUrl) await (await import("../lib/store/sqlite/folder-lock.js")).lockFolder(resolve(dataDir));
  // What takes long to load is loaded when the settings are known to be good.
  Loggers.register("Console", LauncherLogger as never);
  const broker = new ServiceBroker({
    ...brokerOptions(env, { onReplaced: die }),
    skipProcessEventRegistration: true,
  });
  for (const name of names) broker.loadService(fileOf(name));
  await broker.start();
  const { notices, address } = runtimeOf(broker);
  return { broker, notices, address };
};

const stop = async (shop: Shop | undefined): Promise<never> => {
  const slow = `Stopping took longer than ${STOP_LIMIT / 1000} s and was cut short`;
  setTimeout(() => die(new StartupError(`${slow}. Nothing that was acknowledged is lost.`)), STOP_LIMIT);
  await shop?.broker.stop();
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
  if (process.argv.includes("--repl")) {
    // Node's REPL takes 9 MB, which a process without a terminal should not hold.
    const { openRepl } = await import("./repl/terminal.js");
    openRepl(shop.broker, () => shop.broker.stop());
  } else if (address !== undefined) console.log(invitation(address));
};

main().catch(refuse);

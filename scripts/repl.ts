// Moleculer's REPL as one more node of the running cluster.
import type { REPLServer } from "node:repl";
import { ServiceBroker } from "moleculer";
import { loadConfig } from "../lib/config";
import { StartupError } from "../lib/refusal";
import { runningCluster } from "./cluster-file";
import { die } from "./command";

const DISCOVERY_LIMIT = 5000;

/** With NATS_URL, or with what the cluster of this DATA_DIR says. */
const joinCluster = () => {
  process.env.SERVICES = "";
  const { nats, dataDir } = loadConfig();
  const natsUrl = nats?.join(",") ?? runningCluster(dataDir)?.natsUrl;
  if (!natsUrl) throw new StartupError(`No cluster is running on ${dataDir}: start one with npm run cluster, or set NATS_URL.`);
  process.env.NATS_URL = natsUrl;
  return { ...loadConfig(), services: [] };
};

/** Commands from a pipe arrive all at once: one after the other, and the end only after the last one's answer. */
const takeTurns = (repl: REPLServer, broker: ServiceBroker): void => {
  const { eval: evaluate } = repl;
  let queue: Promise<unknown> = Promise.resolve();
  Object.assign(repl, {
    eval: (...[command, context, file, done]: Parameters<typeof evaluate>) => {
      queue = queue.then(() => new Promise<void>(next => evaluate.call(repl, command, context, file, (error, result) => {
        done(error, result);
        next();
      })));
    },
  });
  repl.removeAllListeners("exit");
  repl.on("exit", () => void queue.then(() => broker.stop()).then(() => process.exit(0)));
};

const main = async (): Promise<void> => {
  const config = joinCluster();
  const { brokerOptions } = await import("../moleculer.config.js");
  const options = brokerOptions(config);
  const broker = new ServiceBroker({ ...options, nodeID: `repl-${process.pid}`, logLevel: "warn", replOptions: { delimiter: "jangteo $" } });
  await broker.start();
  await broker.waitForServices(["users", "products", "orders", "payments", "mail", "api"], DISCOVERY_LIMIT).catch(() => console.error("Not all six services are up yet: see nodes and services."));
  const repl = broker.repl() as unknown as REPLServer;
  Object.assign(repl, { ignoreUndefined: true });
  if (!process.stdin.isTTY) takeTurns(repl, broker);
};

main().catch(die);

// Moleculer's REPL as one more node of the running cluster.
import { ServiceBroker } from "moleculer";
import { loadConfig } from "../lib/config";
import { StartupError } from "../lib/refusal";
import { runningCluster } from "./cluster-file";

const natsUrl = (): string => {
  const { SERVICES: _services, ...env } = process.env;
  process.env = env;
  const { nats, dataDir } = loadConfig();
  const url = nats?.join(",") ?? runningCluster(dataDir)?.natsUrl;
  if (!url) throw new StartupError(`There is no cluster on ${dataDir} to join: start one with npm run cluster, or set NATS_URL.`);
  return url;
};

const main = async (): Promise<void> => {
  process.env.NATS_URL = natsUrl();
  const { brokerOptions } = await import("../moleculer.config.js");
  const config = { ...loadConfig(), services: [] };
  const broker = new ServiceBroker({ ...brokerOptions(config), nodeID: `repl-${process.pid}`, logLevel: "warn" });
  await broker.start();
  await broker.waitForServices(["users", "products", "orders"], 5000).catch(() => console.error("Not all services answer yet."));
  broker.repl();
};

main().catch((error: unknown) => {
  console.error(error instanceof StartupError ? error.message : error);
  process.exit(1);
});

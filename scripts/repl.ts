// Moleculer's REPL as one more node of the running cluster.
import { ServiceBroker } from "moleculer";
import { resolve } from "node:path";
import { SERVICE_NAMES } from "../contracts/index";
import { type Env, readEnvironment, readSettings } from "../lib/env";
import { nodeSettings } from "../lib/moleculer/settings";
import { storeSettings } from "../lib/store/settings";
import { StartupError } from "../lib/errors";
import { runningCluster } from "./cluster/cluster-file";
import { die } from "./command";
import { openRepl } from "./repl/terminal";

const DISCOVERY_LIMIT = 5000;

/** The settings to join with: NATS_URL, or what the cluster of this DATA_DIR says. */
const joining = (): Env => {
  const env = { ...readEnvironment(), SERVICES: "", NODE_NAME: `repl-${process.pid}` };
  const { NATS_URL: servers } = readSettings(nodeSettings(SERVICE_NAMES), env);
  const dataDir = resolve(readSettings(storeSettings, env).DATA_DIR);
  const natsUrl = servers?.join(",") ?? runningCluster(dataDir)?.natsUrl;
  if (!natsUrl)
    throw new StartupError(`No cluster is running on ${dataDir}: start one with npm run cluster, or set NATS_URL.`);
  return { ...env, NATS_URL: natsUrl };
};

const main = async (): Promise<void> => {
  const env = joining();
  const { brokerOptions } = await import("../moleculer.config.js");
  const broker = new ServiceBroker({ ...brokerOptions(env, { onReplaced: die }), logLevel: "warn" });
  await broker.start();
  await broker
    .waitForServices([...SERVICE_NAMES], DISCOVERY_LIMIT)
    .catch(() => console.error("Not all services are up: see nodes and services."));
  openRepl(broker, () => broker.stop());
};

main().catch(die);

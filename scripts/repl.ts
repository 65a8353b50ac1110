// Moleculer's REPL as one more node of the running cluster.
import { ServiceBroker } from "moleculer";
import { loadConfig } from "../lib/config";
import { requireNats } from "../lib/moleculer/nats";
import { StartupError } from "../lib/refusal";
import { SERVICE_NAMES } from "../lib/settings";
import { runningCluster } from "./cluster/cluster-file";
import { die } from "./command";
import { openRepl } from "./terminal";

const DISCOVERY_LIMIT = 5000;

/** The settings to join with: NATS_URL, or what the cluster of this DATA_DIR says. */
const joining = () => {
  process.env.SERVICES = "";
  const { nats, dataDir } = loadConfig();
  const natsUrl = nats?.join(",") ?? runningCluster(dataDir)?.natsUrl;
  if (!natsUrl)
    throw new StartupError(`No cluster is running on ${dataDir}: start one with npm run cluster, or set NATS_URL.`);
  process.env.NATS_URL = natsUrl;
  return loadConfig();
};

const main = async (): Promise<void> => {
  const config = joining();
  await requireNats(config.nats ?? []);
  const { brokerOptions } = await import("../moleculer.config.js");
  const broker = new ServiceBroker({ ...brokerOptions(config), nodeID: `repl-${process.pid}`, logLevel: "warn" });
  await broker.start();
  await broker
    .waitForServices([...SERVICE_NAMES], DISCOVERY_LIMIT)
    .catch(() => console.error("Not all services are up: see nodes and services."));
  openRepl(broker, () => broker.stop());
};

main().catch(die);

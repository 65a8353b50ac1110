// The main job, done through HTTP against a running shop, each step and its answer on the screen.
import { resolve } from "node:path";
import { readEnvironment, readSettings } from "../lib/env";
import { storeSettings } from "../lib/store/settings";
import { settings as gatewaySettings } from "../services/api/settings";
import { addressFor } from "./banner";
import { runningCluster } from "./cluster/cluster-file";
import { explain } from "./command";
import { journey } from "./demo/journey";
import { colour, Unexpected, Visitor } from "./demo/visitor";

const main = async (): Promise<void> => {
  const env = readEnvironment();
  const { HOST: host, PORT: port } = readSettings(gatewaySettings, env);
  const dataDir = resolve(readSettings(storeSettings, env).DATA_DIR);
  const address = process.argv[2] ?? runningCluster(dataDir)?.address ?? addressFor(host, port);
  await journey(new Visitor(address.replace(/\/$/, "")));
  console.log(colour(32, "All as promised."));
};

main().catch((error: unknown) => {
  console.error(error instanceof Unexpected ? error.message : explain(error));
  process.exit(1);
});

// Chooses where a service keeps its data: MongoDB when MONGO_URL is set, else a folder of its own.
import { join } from "node:path";
import type { Config } from "../config";
import type { Store } from "./store";
import { openEmbeddedStore } from "./embedded/embedded-store";

/**
 * Opens a service's own database.
 * @throws StartupError when it can't be had
 */
export const openStore = async (
  config: Pick<Config, "mongoUrl" | "dataDir" | "storeTimeout">,
  service: string,
): Promise<Store> => {
  if (!config.mongoUrl) return openEmbeddedStore(join(config.dataDir, service));
  // The two MongoDB drivers take 0.4 s to load, which a process without MongoDB should not wait for.
  const { openMongoStore } = require("./mongo/mongo-store") as typeof import("./mongo/mongo-store");
  return openMongoStore(config.mongoUrl, service, config.storeTimeout);
};

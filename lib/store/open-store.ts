// Chooses where a service keeps its data: MongoDB when MONGO_URL is set, else a folder of its own.
import { join, resolve } from "node:path";
import { type Env, readSettings } from "../env";
import { openEmbeddedStore } from "./embedded/embedded-store";
import { storeSettings } from "./settings";
import type { Store } from "./store";

/**
 * Opens a service's own database.
 * @param env says where: see settings.ts
 * @throws StartupError when it can't be had
 */
export const openStore = async (service: string, env: Env): Promise<Store> => {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir, STORE_TIMEOUT_MS: timeoutMs } = readSettings(storeSettings, env);
  if (!mongoUrl) return openEmbeddedStore(join(resolve(dataDir), service));
  // The two MongoDB drivers take 0.4 s to load, which a process without MongoDB should not wait for.
  const { openMongoStore } = require("./mongo/mongo-store") as typeof import("./mongo/mongo-store");
  return openMongoStore(mongoUrl, service, timeoutMs);
};

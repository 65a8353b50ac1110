// Chooses where a service keeps its data: MongoDB when MONGO_URL is set, else a folder of its own.
import { join, resolve } from "node:path";
import { type Env, readSettings } from "../env";
import { storeSettings } from "./settings";
import type { Store } from "./store";

/**
 * Opens a service's own database.
 * @param env says where: see settings.ts
 * @throws StartupError when it can't be had
 */
export const openStore = async (service: string, env: Env): Promise<Store> => {
  const settings = readSettings(storeSettings, env);
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir, STORE_TIMEOUT_MS: timeoutMs } = settings;
  // Each loads its driver, MongoDB's in 0.4 s: a process waits for the one that it uses.
  if (!mongoUrl) {
    const { openSqliteStore } = require("./sqlite/sqlite-store") as typeof import("./sqlite/sqlite-store");
    return openSqliteStore(join(resolve(dataDir), service), { timeoutMs, synchronous: settings.SQLITE_SYNCHRONOUS });
  }
  const { openMongoStore } = require("./mongo/mongo-store") as typeof import("./mongo/mongo-store");
  return openMongoStore(mongoUrl, service, timeoutMs);
};

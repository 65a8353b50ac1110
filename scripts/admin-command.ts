// What a person can do about an admin who cannot sign in any more, where the data are.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Env, readSettings } from "../lib/env";
import { openStore } from "../lib/store/open-store";
import { storeSettings } from "../lib/store/settings";
import { StartupError } from "../lib/errors";
import { resetAdmin } from "../services/users/admin-reset";

const USAGE = "npm run admin -- reset <email>   gives an active admin a made-up password, and ends all his sessions";

const openUsers = async (env: Env) => {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir } = readSettings(storeSettings, env);
  // A mistyped DATA_DIR would become a second, empty shop.
  if (!mongoUrl && !existsSync(join(dataDir, "users"))) {
    throw new StartupError(
      `${resolve(dataDir)} has no accounts in it: set DATA_DIR to the shop's folder, or MONGO_URL.`,
    );
  }
  return openStore("users", env);
};

/**
 * Runs one command of `npm run admin`. What to print.
 * @throws StartupError when it cannot be done; nothing has changed then
 */
export const administer = async ([command, email, ...more]: readonly string[], env: Env): Promise<string> => {
  if (command !== "reset" || email === undefined || more.length > 0) throw new StartupError(USAGE);
  const store = await openUsers(env);
  try {
    const admin = await resetAdmin(store, email);
    const entrance = `Admin: ${admin.email} · password: ${admin.password} (shown only now)`;
    return `${entrance}\nAll sessions of this admin have ended.`;
  } finally {
    await store.close();
  }
};

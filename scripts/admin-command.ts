// What a person can do about an admin who cannot sign in any more, where the data are.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../lib/config";
import { openStore } from "../lib/store/open-store";
import { StartupError } from "../lib/refusal";
import { FolderInUse } from "../lib/store/embedded/folder-lock";
import { resetAdmin } from "../services/users/admin-reset";

type Place = Pick<Config, "dataDir" | "mongoUrl" | "storeTimeout">;

const USAGE = "npm run admin -- reset <email>   gives an active admin a made-up password, and ends all his sessions";

const openUsers = async (place: Place) => {
  // A mistyped DATA_DIR would become a second, empty shop.
  if (!place.mongoUrl && !existsSync(join(place.dataDir, "users"))) {
    throw new StartupError(`${place.dataDir} has no accounts in it: set DATA_DIR to the shop's folder, or MONGO_URL.`);
  }
  try {
    return await openStore(place, "users");
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new StartupError("The accounts are in use by a running shop: stop the shop first.", { cause: error });
  }
};

/**
 * Runs one command of `npm run admin`. What to print.
 * @throws StartupError when it cannot be done; nothing has changed then
 */
export const administer = async ([command, email, ...more]: readonly string[], place: Place): Promise<string> => {
  if (command !== "reset" || email === undefined || more.length > 0) throw new StartupError(USAGE);
  const store = await openUsers(place);
  try {
    const admin = await resetAdmin(store, email);
    const entrance = `Admin: ${admin.email} · password: ${admin.password} (shown only now)`;
    return `${entrance}\nAll sessions of this admin have ended.`;
  } finally {
    await store.close();
  }
};

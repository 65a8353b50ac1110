// Copies a SQLite file as it is at one moment, while others write to it.
import { chmodSync } from "node:fs";
import Sqlite from "libsql";
import { messageOf, StartupError } from "../../errors";

/** @throws StartupError when the copy cannot be made */
export const copyFile = (from: string, to: string): void => {
  const database = new Sqlite(from, { timeout: 2000 });
  try {
    database.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
    chmodSync(to, 0o600);
  } catch (error) {
    throw new StartupError(`${from} cannot be copied to ${to}: ${messageOf(error)}`, { cause: error });
  } finally {
    database.close();
  }
};

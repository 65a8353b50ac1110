// An exclusive lock on a folder between processes: it holds while its owner is stopped, and ends with it, also by
// kill -9.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { messageOf, StartupError } from "../../errors";
import { codeOf } from "./engine";

const LOCK = ".lock.sqlite";

/** Nobody has to keep what gives a lock back; a connection that nobody keeps is closed by the garbage collector. */
const held = new Set<InstanceType<typeof Sqlite>>();

/**
 * Locks a folder, which is made if it is not there. The lock is SQLite's own on a file of its own: the system takes it
 * back from whoever dies.
 * @returns what gives it back
 * @throws StartupError when another process (or this one) has it, or the folder cannot be written
 */
export const lockFolder = async (folder: string): Promise<() => void> => {
  let database: InstanceType<typeof Sqlite> | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new Sqlite(join(folder, LOCK));
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (!codeOf(error).startsWith("SQLITE_BUSY"))
      throw new StartupError(`${folder} cannot be written: ${messageOf(error)}. Set DATA_DIR to a folder that can.`);
    throw new StartupError(
      `${folder} is in use by another process (is the shop already running?). Stop it, or set DATA_DIR to another ` +
        "folder. Several processes share one only over NATS: npm run cluster.",
    );
  }
  const locked = database;
  held.add(locked);
  return () => {
    held.delete(locked);
    locked.close();
  };
};

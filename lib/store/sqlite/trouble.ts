// What is wrong with a SQLite file, in words for who runs the shop.
import { messageOf } from "../../errors";
import { StoreUnavailable } from "../store";
import { codeOf } from "./engine";

/** A file that does not hold what was written to it. */
export const damage = (file: string, why: string, cause?: unknown): StoreUnavailable =>
  new StoreUnavailable(
    `${file} is damaged (${why}). Restore its whole folder from one backup: a log and what was made of it belong ` +
      "together. npm run store -- check says what is damaged.",
    { cause },
  );

/** Whether SQLite met a text that is not the JSON that was written: damage, for which it has no code of its own. */
export const isNoJson = (message: string): boolean => message.includes("malformed JSON");

/** What an error of SQLite's means. */
export const troubleOf = (file: string, error: unknown): StoreUnavailable => {
  const [code, why] = [codeOf(error), messageOf(error)];
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" || isNoJson(why)) return damage(file, why, error);
  if (code.startsWith("SQLITE_BUSY"))
    return new StoreUnavailable(`${file} is kept busy by another process.`, { cause: error, nothingWritten: true });
  if (code === "SQLITE_FULL")
    return new StoreUnavailable(`${file} cannot be written: the disk is full.`, { cause: error, nothingWritten: true });
  return new StoreUnavailable(`${file} cannot be used: ${why}`, { cause: error });
};

/** A row whose text is not the one that was written. */
export const checksumTrouble = (file: string, what: string): StoreUnavailable =>
  damage(file, `the checksum of ${what} does not fit`);

export const closedTrouble = (): StoreUnavailable =>
  new StoreUnavailable("The store is closed.", { nothingWritten: true });

// An SQLite database as the shop's own are opened: a commit is answered when it is on disk.
import Database from "libsql";

export type Db = Database.Database;

/** @throws SqliteError when the file cannot be opened */
export const openDatabase = (path: string, tables: string): Db => {
  const db = new Database(path);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 2000",
  );
  db.exec(tables);
  return db;
};

/** The first row. Not by the statement's own `get`, which costs more and leaves the statement open. */
export const first = <R>(statement: Database.Statement, ...params: readonly unknown[]): R | undefined =>
  statement.all(...params)[0] as R | undefined;

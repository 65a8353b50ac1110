// The payment company of the monolith: another company, so its book is another database, with commits of its own.
import { parentPort, workerData } from "node:worker_threads";
import { type Db, first, openDatabase } from "./database";
import { serveWrites } from "./group-commit";

const TABLES = `CREATE TABLE IF NOT EXISTS book (
  key TEXT PRIMARY KEY, status TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
  authorized INTEGER NOT NULL, captured INTEGER NOT NULL DEFAULT 0, history TEXT NOT NULL
) STRICT, WITHOUT ROWID`;

export interface Payment {
  status: string;
  reference: string;
}

const operationsOn = (db: Db) => {
  const find = db.prepare("SELECT status FROM book WHERE key = ?");
  const enter = db.prepare(
    "INSERT INTO book (key, status, amount, currency, authorized, history) VALUES (?,?,?,?,?,?)",
  );
  const take = db.prepare(
    "UPDATE book SET status = 'captured', captured = amount, history = history || ',captured' " +
      "WHERE key = ? AND status = 'authorized'",
  );
  const show = (key: string): Payment => {
    const status = first<{ status: string }>(find, key)?.status ?? "absent";
    return { status, reference: `sbx_${key}` };
  };
  return {
    authorize(key: string, amount: number, currency: string, method: string): Payment {
      const status = method === "sandbox:ok" ? "authorized" : "declined";
      if (first(find, key) === undefined)
        enter.run(key, status, amount, currency, status === "authorized" ? amount : 0, status);
      return show(key);
    },
    capture(key: string): Payment {
      return take.run(key).changes === 1 ? { status: "captured", reference: `sbx_${key}` } : show(key);
    },
  };
};
export type Sandbox = ReturnType<typeof operationsOn>;

if (parentPort) {
  const db = openDatabase(workerData as string, TABLES);
  serveWrites(parentPort, db, operationsOn(db));
}

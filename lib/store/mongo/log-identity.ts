// A log's own id: made when a database is opened for the first time, or that of the log which is carried over.
import { randomUUID } from "node:crypto";
import type { Db } from "mongodb";
import { DuplicateKey } from "../store";
import { carryOver } from "./carry-over";
import { identitiesIn } from "./commit-documents";
import type { Call } from "./mongo-client";

/**
 * The id of the log in this database. It is written when the log is whole; of several processes that open it for the
 * first time, one decides.
 * @throws StartupError when a log of an earlier release cannot be carried over
 */
export const identityOf = async (db: Db, call: Call): Promise<string> => {
  for (;;) {
    const known = await call(() => identitiesIn(db).findOne({ _id: 0 }));
    if (known) return known.log;
    const log = (await carryOver(db, call)) ?? randomUUID();
    try {
      await call(() => identitiesIn(db).insertOne({ _id: 0, log }));
      return log;
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
  }
};

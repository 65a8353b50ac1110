// A log's own id: made when it is opened for the first time, and kept among its commits, so that it goes where they go.
import { randomUUID } from "node:crypto";
import { type Collection, type Document, DuplicateKey } from "../store/store";

/** Where no commit stands: positions begin at 1. */
const PLACE = -1;

interface Identity extends Document {
  commitId: string;
}

/** The id of the log in this collection. Of several processes that open it for the first time, one decides. */
export const identityOf = async (log: Collection<Identity>): Promise<string> => {
  for (;;) {
    const known = await log.get(PLACE);
    if (known) return known.commitId;
    const document = { _id: PLACE, commitId: randomUUID(), keys: ["log"], streams: [], events: [] };
    try {
      await log.insert(document);
      return document.commitId;
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
  }
};

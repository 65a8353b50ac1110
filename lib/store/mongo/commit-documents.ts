// How commits are kept in MongoDB: in one collection, each under its own id, together with the id of the log.
import type { Collection, Db } from "mongodb";
import type { Placed, StoredEvent, Written } from "../log";
import type { IndexSpec } from "./mongo-indexes";

export interface CommitDocument {
  readonly _id: string;
  /** `stream:version` of every event; unique, so that of two writers at one version one wins. */
  readonly keys: readonly string[];
  readonly streams: readonly string[];
  /** Higher than that of every commit which this one follows in a stream: their order, whatever clocks say. */
  readonly rank: number;
  readonly events: readonly StoredEvent[];
  readonly metadata?: object;
  /** Milliseconds since the epoch by the writer's clock, above 0; gone as soon as there is a position. */
  readonly pending?: number;
  readonly position?: number;
}

/** The log's id, in the same collection, so that it goes where the commits go; no commit has a number as its id. */
export interface IdentityDocument {
  readonly _id: 0;
  readonly log: string;
}

const NAME = "commits";

export const COMMIT_INDEXES: readonly IndexSpec[] = [
  { key: { keys: 1 }, unique: true, sparse: true },
  { key: { streams: 1, rank: 1 } },
  { key: { position: 1 }, unique: true, sparse: true },
  // As long as what waits, not as the log.
  { key: { pending: 1 }, sparse: true },
];

export const commitsIn = (db: Db): Collection<CommitDocument> => db.collection(NAME);
export const identitiesIn = (db: Db): Collection<IdentityDocument> => db.collection(NAME);

export const keyOf = (stream: string, version: number): string => `${stream}:${version}`;

/** A key's stream and version. */
export const partsOf = (key: string): { stream: string; version: number } => {
  const colon = key.lastIndexOf(":");
  return { stream: key.slice(0, colon), version: Number(key.slice(colon + 1)) };
};

/** The keys that have to be there before these can be. */
export const keysBefore = (keys: readonly string[]): string[] =>
  keys.flatMap(key => {
    const { stream, version } = partsOf(key);
    const before = keyOf(stream, version - 1);
    return version > 1 && !keys.includes(before) ? [before] : [];
  });

export const writtenIn = ({ _id: id, events, metadata, position }: CommitDocument): Written => ({
  id,
  events,
  ...(metadata === undefined ? {} : { metadata }),
  ...(position === undefined ? {} : { position }),
});

export const placedIn = (commit: CommitDocument, position: number): Placed => ({ ...writtenIn(commit), position });

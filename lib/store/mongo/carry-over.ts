// Carries a log over that an earlier release has written, in which a commit's `_id` is its position.
import type { Collection, Db } from "mongodb";
import { StartupError } from "../../errors";
import type { StoredEvent } from "../log";
import { DuplicateKey } from "../store";
import { type CommitDocument, commitsIn } from "./commit-documents";
import type { Call } from "./mongo-client";

interface EarlierCommit {
  readonly _id: number;
  readonly commitId: string;
  readonly keys: readonly string[];
  readonly streams: readonly string[];
  readonly events: readonly StoredEvent[];
  readonly metadata?: object;
}

const NAME = "log";
/** Where the earlier log keeps its id, as a commit's. */
const IDENTITY = -1;
const AT_ONCE = 200;

/** Positions are ranks: they have the order of every stream, too. */
const carried = ({ _id: position, commitId, ...rest }: EarlierCommit): CommitDocument => ({
  ...rest,
  _id: commitId,
  rank: position,
  position,
});

/** Writes those of some commits that are not there. Another process may do the same at the same time. */
const insertMissing = async (commits: Collection<CommitDocument>, all: readonly CommitDocument[], call: Call) => {
  const [from, to] = [all[0]?.position, all.at(-1)?.position];
  const missing = async () => {
    const range = { position: { $gte: from, $lte: to } };
    const found = await call(() => commits.find(range, { projection: { position: 1 } }).toArray());
    const there = new Set(found.map(({ position }) => position));
    return all.filter(({ position }) => !there.has(position));
  };
  const insert = async (some: readonly CommitDocument[]) => {
    try {
      if (some.length > 0) await call(() => commits.insertMany([...some], { ordered: false }));
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
  };
  await insert(await missing());
  // Earlier releases did not mind when two commits to different streams had one id.
  await insert((await missing()).map(commit => ({ ...commit, _id: `${commit._id}@${commit.position}` })));
  return missing();
};

/**
 * Copies an earlier log, if the database has one, commit by commit with positions and ids, and counts what has arrived.
 * May be repeated, and done by several processes at once. The earlier log stays as it is; nobody can write to it any
 * more, so that a process of the earlier release cannot go on beside this one.
 * @returns the id of the log; undefined when there is none
 * @throws StartupError when commits are missing
 */
export const carryOver = async (db: Db, call: Call): Promise<string | undefined> => {
  const earlier = db.collection<EarlierCommit>(NAME);
  const newest = () => call(() => earlier.findOne({ _id: { $gte: IDENTITY } }, { sort: { _id: -1 } }));
  if (!(await newest())) return undefined;
  await call(() => db.command({ collMod: NAME, validator: { _id: { $exists: false } }, validationAction: "error" }));
  const head = (await newest())?._id ?? 0;
  for (let from = 0; from < head; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE, head);
    const found = await call(() => earlier.find({ _id: { $gt: from, $lte: to } }, { sort: { _id: 1 } }).toArray());
    const lost = await insertMissing(commitsIn(db), found.map(carried), call);
    if (found.length < to - from || lost.length > 0)
      throw new StartupError(
        `The log of ${db.databaseName} cannot be carried over: of its commits ${from + 1} to ${to}, ` +
          `${to - from - found.length} are missing and ${lost.length} did not arrive. Restore a backup.`,
      );
  }
  if (head > 0)
    process.emitWarning(
      `The ${head} commits of ${db.databaseName}.${NAME} were carried over to ${commitsIn(db).collectionName}. ` +
        `Nothing reads ${NAME} any more: drop it when you will not go back to the release before.`,
      { code: "LOG_CARRIED_OVER" },
    );
  return (await call(() => earlier.findOne({ _id: IDENTITY })))?.commitId;
};

// Carries a service's data over from the first release's files to SQLite: into a file that counts when it is complete.
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { basename, join } from "node:path";
import Sqlite from "libsql";
import { StartupError } from "../../errors";
import type { StoredEvent } from "../log";
import type { Document, Store } from "../store";
import { checkFile } from "./check";
import { type EarlierDocument, readEarlierFile } from "./earlier-file";
import { openSqliteStore } from "./sqlite-store";

const LOG = "log.db";
/** Where the earlier log keeps its id, as a commit's. */
const IDENTITY = -1;
const WORK = ".upgrade";
const KEPT = "before-sqlite";
const AT_ONCE = 500;

interface EarlierCommit extends EarlierDocument {
  readonly _id: number;
  readonly commitId: string;
  readonly events: readonly StoredEvent[];
  readonly metadata?: object;
}

const inChunks = async <T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> => {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(work));
};

const copyLog = async (store: Store, commits: readonly EarlierCommit[], path: string): Promise<void> => {
  const log = await store.log();
  const ids = new Set<string>();
  commits.forEach(({ _id: position }, index) => {
    if (position !== index + 1)
      throw new StartupError(`${path} has no commit at position ${index + 1}. Restore its folder from one backup.`);
  });
  await inChunks(commits, ({ _id: position, commitId, events, metadata }) => {
    // Earlier releases did not mind when two commits to different streams had one id.
    const id = ids.has(commitId) ? `${commitId}@${position}` : commitId;
    ids.add(commitId);
    return log.append({ id, events, before: [], ...(metadata === undefined ? {} : { metadata }) });
  });
  const arrived = await log.head();
  if (arrived !== commits.length)
    throw new StartupError(`Of the ${commits.length} commits of ${path}, ${arrived} have arrived.`);
};

/** Which files are made anew from the log, and whose checkpoints are forgotten with them. */
const isMadeAnew = (models: readonly string[], file: string) => models.includes(file.replace(/\.db$/, ""));

interface Copied {
  readonly logId: string | undefined;
  readonly documents: number;
  readonly commits: number;
}

const copy = async (
  folder: string,
  store: Store,
  models: readonly string[],
  files: readonly string[],
): Promise<Copied> => {
  let logId: string | undefined;
  let documents = 0;
  let commits = 0;
  for (const file of files.filter(name => !isMadeAnew(models, name))) {
    const path = join(folder, file);
    const found = await readEarlierFile(path);
    if (file === LOG) {
      const all = (found as EarlierCommit[]).sort((one, other) => one._id - other._id);
      logId = all.find(({ _id }) => _id === IDENTITY)?.commitId;
      const kept = all.filter(({ _id }) => _id > 0);
      await copyLog(store, kept, path);
      commits = kept.length;
    } else {
      const name = file.replace(/\.db$/, "");
      const wanted = name === "checkpoints" ? found.filter(({ _id }) => !models.includes(String(_id))) : found;
      const collection = await store.collection<Document>(name);
      await inChunks(wanted, one => collection.insert({ ...one, _id: String(one._id) }));
      const arrived = await collection.count();
      if (arrived !== wanted.length)
        throw new StartupError(`Of the ${wanted.length} documents of ${path}, ${arrived} have arrived.`);
      documents += arrived;
    }
  }
  return { logId, documents, commits };
};

/** The last step before the file counts: the log keeps its id, and all of it is on disk. */
const seal = async (file: string, logId: string | undefined): Promise<void> => {
  const database = new Sqlite(file);
  try {
    if (logId !== undefined) database.prepare("UPDATE log_identity SET id = ?").run([logId]);
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
  } finally {
    database.close();
  }
  const damage = checkFile(file);
  if (damage.troubles.length > 0) throw new StartupError(damage.troubles.join("\n"));
  const handle = await open(file, "r+");
  await handle.sync();
  await handle.close();
};

/** The first release holds a folder by a socket in it that answers. */
const refuseInUse = async (folder: string, names: readonly string[]): Promise<void> => {
  for (const name of names.filter(one => /^lock-\w+\.sock$/.test(one))) {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect(join(folder, name), () => {
        socket.destroy();
        resolve(true);
      }).on("error", () => resolve(false));
    });
    if (answers)
      throw new StartupError(`${folder} is in use by a process of the earlier release: stop the shop first.`);
  }
};

/**
 * Carries one folder over, and moves the earlier files to `before-sqlite` in it. May be run again after a kill.
 * @param models the read models, which are made anew from the log
 * @returns what to say; undefined when there is nothing of the earlier release
 * @throws StartupError when it cannot be done; the earlier files are as they were
 */
export const upgradeFolder = async (folder: string, models: readonly string[]): Promise<string | undefined> => {
  const names = await readdir(folder);
  const files = names.filter(name => name.endsWith(".db"));
  if (files.length === 0) return undefined;
  await refuseInUse(folder, names);
  const name = basename(folder);
  const target = join(folder, `${name}.sqlite`);
  let said = `${name}: the rest of the earlier files was put away.`;
  // It is renamed when it is complete: what is there has been carried over.
  if (!existsSync(target)) {
    const work = join(folder, WORK);
    await rm(work, { recursive: true, force: true });
    const store = await openSqliteStore(join(work, name), { timeoutMs: 60_000, synchronous: "normal" });
    const made = join(work, name, `${name}.sqlite`);
    let copied: Copied;
    try {
      copied = await copy(folder, store, models, files);
    } finally {
      await store.close();
    }
    await seal(made, copied.logId);
    await rename(made, target);
    await rm(work, { recursive: true, force: true });
    said = `${name}: ${copied.commits} commits and ${copied.documents} documents were carried over to ${target}.`;
  }
  await mkdir(join(folder, KEPT), { recursive: true, mode: 0o700 });
  for (const file of files) await rename(join(folder, file), join(folder, KEPT, file));
  return said;
};

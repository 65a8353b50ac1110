// One NeDB data file that cannot lie: checksummed lines, a torn tail cut off before loading, no write after a failed
// one.
import { closeSync, openSync, writeSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import MemoryAdapter from "moleculer-db/src/memory-adapter";
import { codeOf, messageOf, StartupError } from "../../errors";
import { type Index, StoreUnavailable } from "../store";
import { cutTornTail, refuseDamage, seal, unseal } from "./data-lines";

const FILE_MODE = 0o600;
const MIN_LINES_TO_COMPACT = 10_000;
const LINES_PER_DOCUMENT = 4;

const isMissing = (error: unknown) => codeOf(error) === "ENOENT";

const prepare = async (path: string): Promise<void> => {
  try {
    await cutTornTail(path);
    // What an interrupted compaction left; the data file is replaced in one step only when its successor is complete.
    await rm(`${path}~`, { force: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

const load = async (path: string): Promise<MemoryAdapter> => {
  const adapter = new MemoryAdapter({
    filename: path,
    corruptAlertThreshold: 0,
    modes: { fileMode: FILE_MODE, dirMode: 0o700 },
    afterSerialization: seal,
    beforeDeserialization: unseal,
  });
  try {
    await adapter.connect();
  } catch (error) {
    refuseDamage(path, await readFile(path, "utf8"));
    throw error;
  }
  return adapter;
};

/**
 * A loaded data file. Once `failure` is set, its memory may hold what the file does not: drop it and open the file
 * again.
 */
export class DataFile {
  failure: StoreUnavailable | undefined;
  private handle: number | undefined;
  private lines = 0;
  private linesToCompact = MIN_LINES_TO_COMPACT;

  private constructor(
    private readonly path: string,
    readonly adapter: MemoryAdapter,
  ) {
    this.openHandle();
    const { persistence } = adapter.db;
    const rewrite = persistence.persistCachedDatabaseAsync.bind(persistence);
    persistence.persistNewStateAsync = async documents => this.append(documents);
    persistence.persistCachedDatabaseAsync = () => this.replace(rewrite);
  }

  /**
   * Loads (or creates) a data file with exactly these indexes.
   * @throws StartupError when the file is damaged, cannot be read or written, or breaks a unique index
   */
  static async open(path: string, indexes: readonly Index[]): Promise<DataFile> {
    let file: DataFile | undefined;
    try {
      await prepare(path);
      file = new DataFile(path, await load(path));
      await file.index(indexes);
      return file;
    } catch (error) {
      await file?.close();
      if (error instanceof StartupError) throw error;
      throw new StartupError(`${path} cannot be opened: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Waits for what was asked before, then closes the file. */
  async close(): Promise<void> {
    await this.adapter.db.countAsync({ _id: "" });
    this.failure ??= new StoreUnavailable("The store is closed.");
    this.closeHandle();
  }

  private openHandle(): void {
    try {
      this.handle = openSync(this.path, "a", FILE_MODE);
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Forgets the number first: the system gives it to the next file that is opened. */
  private closeHandle(): void {
    const { handle } = this;
    this.handle = undefined;
    if (handle !== undefined) closeSync(handle);
  }

  private fail(error: unknown): StoreUnavailable {
    return (this.failure ??= new StoreUnavailable(`${this.path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    }));
  }

  private async index(indexes: readonly Index[]): Promise<void> {
    const { db } = this.adapter;
    // The file brings its indexes with it, and NeDB keeps an index of the same name as it was.
    for (const [field, { unique }] of Object.entries(db.indexes)) {
      if (field !== "_id" && !indexes.some(wanted => wanted.field === field && (wanted.unique ?? false) === unique))
        await db.removeIndexAsync(field);
    }
    for (const { field, unique = false } of indexes) await db.ensureIndexAsync({ fieldName: field, unique });
  }

  private append(documents: readonly object[]): void {
    // After half a line, a whole one would make the damage permanent.
    if (this.failure) throw this.failure;
    const { handle } = this;
    if (handle === undefined) throw this.fail("it is closed");
    if (documents.length === 0) return;
    const bytes = Buffer.from(documents.map(document => `${seal(JSON.stringify(document))}\n`).join(""));
    try {
      // Into the page cache, 4 µs; the asynchronous way through the thread pool takes 80 and lets others wait as long.
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
    } catch (error) {
      throw this.fail(error);
    }
    this.lines += documents.length;
    if (this.lines > this.linesToCompact) this.compact();
  }

  private compact(): void {
    const { db } = this.adapter;
    this.linesToCompact = Math.max(MIN_LINES_TO_COMPACT, LINES_PER_DOCUMENT * db.getAllData().length);
    if (this.lines <= this.linesToCompact) return;
    this.lines = 0;
    db.compactDatafileAsync().catch((error: unknown) =>
      process.emitWarning(`${this.path} could not be compacted, it goes on growing: ${messageOf(error)}`, {
        code: "STORE_COMPACTION",
      }),
    );
  }

  private async replace(rewrite: () => Promise<void>): Promise<void> {
    if (this.failure) throw this.failure;
    try {
      await rewrite();
    } finally {
      this.closeHandle();
      this.openHandle();
      await rm(`${this.path}~`, { force: true });
    }
  }
}

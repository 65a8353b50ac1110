// The store for one machine: a folder with one NeDB file per collection, locked against other processes.
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, StartupError } from "../../errors";
import {
  type Change,
  type Collection,
  type Document,
  DuplicateKey,
  type Index,
  type Query,
  type Selection,
  type Store,
  StoreUnavailable,
} from "../store";
import { DataFile } from "./data-file";
import { lockFolder } from "./folder-lock";
import { definedQuery, plainCopy, storable } from "../values";

/** Milliseconds between attempts to open a failed file again: each reads and rewrites all of it. */
const REOPEN_INTERVAL = 1000;

const isDuplicate = (error: unknown) =>
  typeof error === "object" && error !== null && "errorType" in error && error.errorType === "uniqueViolated";

class EmbeddedCollection<D extends Document> implements Collection<D> {
  private reopening: Promise<DataFile> | undefined;
  private lastAttempt = 0;
  private closed = false;

  constructor(
    private readonly path: string,
    private readonly indexes: readonly Index[],
    private file: DataFile,
  ) {}

  async get(id: D["_id"]): Promise<D | null> {
    return this.run(({ adapter }) => adapter.db.findOneAsync<D>({ _id: id }));
  }

  async findOne(query: Query): Promise<D | null> {
    return this.run(({ adapter }) => adapter.db.findOneAsync<D>(definedQuery(query)));
  }

  async find(selection: Selection = {}): Promise<D[]> {
    const { query = {} } = selection;
    return this.run(({ adapter }) => adapter.find<D>({ ...selection, query: definedQuery(query) }));
  }

  async count(query: Query = {}): Promise<number> {
    return this.run(({ adapter }) => adapter.db.countAsync(definedQuery(query)));
  }

  async insert(document: D): Promise<void> {
    await this.run(({ adapter }) => adapter.db.insertAsync(storable(document)));
  }

  async update(query: Query, change: Change): Promise<D | null> {
    const { affectedDocuments } = await this.run(({ adapter }) =>
      adapter.db.updateAsync<D>(definedQuery(query), plainCopy(change), { returnUpdatedDocs: true }),
    );
    return affectedDocuments ?? null;
  }

  async remove(id: D["_id"]): Promise<boolean> {
    return (await this.run(({ adapter }) => adapter.db.removeAsync({ _id: id }, {}))) > 0;
  }

  /** @throws StoreUnavailable while the file cannot be opened again after a failed write */
  async check(): Promise<void> {
    if (this.file.failure) await this.reopen(this.file.failure);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.reopening?.catch(() => undefined);
    await this.file.close();
  }

  private async run<T>(operation: (file: DataFile) => Promise<T>): Promise<T> {
    const file = this.file.failure ? await this.reopen(this.file.failure) : this.file;
    let result: T;
    try {
      result = await operation(file);
    } catch (error) {
      throw file.failure ?? (isDuplicate(error) ? new DuplicateKey(messageOf(error), { cause: error }) : error);
    }
    // Whatever ran after a failed write may have seen what was never written.
    if (file.failure) throw file.failure;
    return result;
  }

  private reopen(failure: StoreUnavailable): Promise<DataFile> {
    if (this.reopening) return this.reopening;
    if (this.closed || Date.now() - this.lastAttempt < REOPEN_INTERVAL) return Promise.reject(failure);
    this.lastAttempt = Date.now();
    this.reopening = this.replaceFile().finally(() => {
      this.reopening = undefined;
    });
    return this.reopening;
  }

  private async replaceFile(): Promise<DataFile> {
    try {
      await this.file.close();
      this.file = await DataFile.open(this.path, this.indexes);
      return this.file;
    } catch (error) {
      throw new StoreUnavailable(messageOf(error), { cause: error });
    }
  }
}

class EmbeddedStore implements Store {
  private readonly collections = new Map<string, Pick<EmbeddedCollection<Document>, "check" | "close">>();
  private closed = false;

  constructor(
    private readonly folder: string,
    private readonly unlock: () => Promise<void>,
  ) {}

  async collection<D extends Document>(name: string, indexes: readonly Index[] = []): Promise<Collection<D>> {
    if (this.collections.has(name)) throw new Error(`The collection ${name} is open already.`);
    const path = join(this.folder, `${name}.db`);
    const collection = new EmbeddedCollection<D>(path, indexes, await DataFile.open(path, indexes));
    this.collections.set(name, collection);
    return collection;
  }

  async ping(): Promise<void> {
    if (this.closed) throw new StoreUnavailable("The store is closed.");
    try {
      await access(this.folder, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new StoreUnavailable(`${this.folder} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    await Promise.all([...this.collections.values()].map(collection => collection.check()));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([...this.collections.values()].map(collection => collection.close()));
    await this.unlock();
  }
}

/**
 * Opens (or creates) the store in a folder and locks it until `close()`.
 * @throws StartupError when the folder cannot be written or another process uses it
 */
export const openEmbeddedStore = async (folder: string): Promise<Store> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new StartupError(`${folder} cannot be written: ${messageOf(error)}. Set DATA_DIR to a folder that can.`, {
      cause: error,
    });
  }
  return new EmbeddedStore(folder, await lockFolder(folder));
};

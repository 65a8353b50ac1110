// The store for one machine: a folder with one SQLite file, which several instances of its service may share.
import { constants } from "node:fs";
import { access, mkdir, open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { codeOf, messageOf, StartupError } from "../../errors";
import type { Log } from "../log";
import {
  type Change,
  type Collection,
  type Document,
  type Plan,
  type Query,
  type Search,
  type Selection,
  type Shape,
  type Store,
  StoreUnavailable,
  type Versioned,
} from "../store";
import { definedQuery, plainCopy, storable } from "../values";
import { Database, type DatabaseOptions } from "./database";
import { planIn } from "./plan";
import { damage } from "./trouble";
import { isCutOff } from "./cut-off";
import { quoted } from "./query";
import { SqliteAdapter } from "./sqlite-adapter";
import { SqliteLog } from "./sqlite-log";

class SqliteCollection<D extends Document> implements Collection<D> {
  constructor(private readonly adapter: SqliteAdapter) {}

  async get(id: D["_id"]): Promise<D | null> {
    return this.adapter.findById<D>(id);
  }

  async findOne(query: Query): Promise<D | null> {
    return this.adapter.open().first<D>({ query: definedQuery(query), limit: 1 });
  }

  async find({ query = {}, ...rest }: Selection = {}): Promise<D[]> {
    return this.adapter.find<D>({ ...rest, query: definedQuery(query) });
  }

  async count(query: Query = {}): Promise<number> {
    return this.adapter.count({ query: definedQuery(query) });
  }

  async search(search: Search): Promise<D[]> {
    return this.adapter.open().search<D>({ ...search, query: definedQuery(search.query ?? {}) });
  }

  async insert(document: D): Promise<void> {
    await this.adapter.open().insert([storable(document)]);
  }

  async update(query: Query, change: Change): Promise<D | null> {
    return this.adapter.updateOne<D>(definedQuery(query), plainCopy(change));
  }

  async putNewer(documents: readonly (D & Versioned)[]): Promise<void> {
    await this.adapter.open().putNewer(documents.map(document => storable(document)));
  }

  async remove(id: D["_id"]): Promise<boolean> {
    return (await this.adapter.removeById(id)) > 0;
  }

  async removeAll(ids: readonly D["_id"][]): Promise<void> {
    await this.adapter.removeMany({ _id: { $in: ids } });
  }

  async explain(selection: Selection): Promise<Plan> {
    return planIn(this.adapter.open().plan(selection), selection);
  }
}

class SqliteStore implements Store {
  constructor(
    private readonly folder: string,
    private readonly database: Database,
  ) {}

  async collection<D extends Document>(name: string, shape: Shape = {}): Promise<Collection<D>> {
    const adapter = new SqliteAdapter({ database: this.database, collection: name, shape });
    await adapter.connect();
    return new SqliteCollection<D>(adapter);
  }

  async log(): Promise<Log> {
    return SqliteLog.open(this.database);
  }

  async drop(name: string): Promise<void> {
    const tables = this.database
      .read("SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = ? OR name LIKE ? || ':%')", [name, name])
      .map(row => ({ sql: `DROP TABLE IF EXISTS ${quoted(String(row.name))}`, params: [], as: "count" as const }));
    if (tables.length > 0) await this.database.write(tables);
  }

  async ping(): Promise<void> {
    await this.database.ping();
    try {
      await access(this.database.file, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new StoreUnavailable(`${this.folder} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}

const refuseEarlierFormat = async (folder: string, file: string): Promise<void> => {
  const names = await readdir(folder);
  if (names.includes(basename(file)) || !names.some(name => name.endsWith(".db"))) return;
  throw new StartupError(
    `${folder} holds data of an earlier release. To carry it over, stop the shop and run: npm run store -- upgrade`,
  );
};

/** Makes the folder, and an empty file that only its owner may read. */
const prepare = async (folder: string, file: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseEarlierFormat(folder, file);
    await (await open(file, "a", 0o600)).close();
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const advice =
      codeOf(error) === "ENOSPC" ? "Make room on the disk." : "Set DATA_DIR to a folder that this user can write.";
    throw new StartupError(`${folder} cannot be written: ${messageOf(error)}. ${advice}`, { cause: error });
  }
};

/**
 * Opens (or creates) the store in a folder: `<folder>/<its name>.sqlite`.
 * @throws StartupError when it cannot be written, is damaged, or is of an earlier release
 */
export const openSqliteStore = async (folder: string, options: DatabaseOptions): Promise<Store> => {
  const file = join(folder, `${basename(folder)}.sqlite`);
  await prepare(folder, file);
  try {
    if (await isCutOff(file)) throw damage(file, "its end is missing");
    return new SqliteStore(folder, await Database.open(file, options));
  } catch (error) {
    throw new StartupError(messageOf(error), { cause: error });
  }
};

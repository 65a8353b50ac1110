// The store for several machines: one MongoDB database per service, through Moleculer's adapter on the current driver.
import type { Db } from "mongodb";
import MongoDbAdapter from "moleculer-db-adapter-mongo/src/index";
import { messageOf, StartupError } from "../../errors";
import {
  type Change,
  type Collection,
  type Document,
  type Index,
  type Query,
  type Selection,
  type Store,
  StoreUnavailable,
} from "../store";
import { SharedClient, within } from "./mongo-client";
import { definedQuery, plainCopy, storable } from "../values";

const DEFAULT_PREFIX = "jangteo";

/** Moleculer's adapter on a driver that is four major versions younger, and on a client that it does not own. */
class CurrentDriverAdapter extends MongoDbAdapter {
  constructor(
    private readonly database: Db,
    private readonly collectionName: string,
  ) {
    super("", {}, database.databaseName);
  }

  override async connect(): Promise<void> {
    this.db = this.database;
    this.collection = this.db.collection(this.collectionName);
  }

  override async insert(document: Document): Promise<object> {
    await this.collection.insertOne(document);
    return document;
  }

  override async removeById(id: Document["_id"]): Promise<object | null> {
    return this.collection.findOneAndDelete({ _id: id });
  }

  async updateOne<D>(query: object, change: object): Promise<D | null> {
    return (await this.collection.findOneAndUpdate(query, change, { returnDocument: "after" })) as D | null;
  }

  /** Ids are the services' own, also those that look like an ObjectId. */
  override stringToObjectID(id: Document["_id"]): Document["_id"] {
    return id;
  }
}

/** Makes one call to the database, with a limit on the wait. */
type Call = <T>(work: () => Promise<T>) => Promise<T>;

class MongoCollection<D extends Document> implements Collection<D> {
  constructor(
    private readonly adapter: CurrentDriverAdapter,
    private readonly call: Call,
  ) {}

  async get(id: D["_id"]): Promise<D | null> {
    return this.call(() => this.adapter.findById<D>(id));
  }

  async findOne(query: Query): Promise<D | null> {
    return this.call(() => this.adapter.findOne<D>(definedQuery(query)));
  }

  async find(selection: Selection = {}): Promise<D[]> {
    const { query = {} } = selection;
    return this.call(() => this.adapter.find<D>({ ...selection, query: definedQuery(query) }));
  }

  async count(query: Query = {}): Promise<number> {
    return this.call(() => this.adapter.count({ query: definedQuery(query) }));
  }

  async insert(document: D): Promise<void> {
    await this.call(() => this.adapter.insert(storable(document)));
  }

  async update(query: Query, change: Change): Promise<D | null> {
    return this.call(() => this.adapter.updateOne<D>(definedQuery(query), plainCopy(change)));
  }

  async remove(id: D["_id"]): Promise<boolean> {
    return (await this.call(() => this.adapter.removeById(id))) !== null;
  }
}

class MongoStore implements Store {
  private readonly db: Db;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly shared: SharedClient,
    database: string,
    private readonly patience: number,
  ) {
    this.db = shared.client.db(database);
  }

  async collection<D extends Document>(name: string, indexes: readonly Index[] = []): Promise<Collection<D>> {
    const adapter = new CurrentDriverAdapter(this.db, name);
    await adapter.connect();
    for (const { field, unique = false } of indexes) {
      try {
        await this.call(() => adapter.collection.createIndex({ [field]: 1 }, { unique }));
      } catch (error) {
        throw new StartupError(
          `The index on ${field} of ${this.db.databaseName}.${name} cannot be made: ${messageOf(error)}`,
          { cause: error },
        );
      }
    }
    return new MongoCollection<D>(adapter, this.call);
  }

  async ping(): Promise<void> {
    await this.call(() => this.db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await (this.closing ??= this.shared.release());
  }

  private readonly call: Call = async work => {
    // A closed client would connect again by itself.
    if (this.closing) throw new StoreUnavailable("The store is closed.");
    return within(this.patience, work());
  };
}

const prefixOf = (url: string): string => /^mongodb(?:\+srv)?:\/\/[^/]+\/([^/?]+)/.exec(url)?.[1] ?? DEFAULT_PREFIX;

/**
 * Opens the database `<prefix>_<service>`; the prefix is the URL's path, or `jangteo`.
 * No call waits longer than twice `timeoutMs`.
 * @throws StartupError when the URL cannot be used or the server does not answer
 */
export const openMongoStore = async (url: string, service: string, timeoutMs: number): Promise<Store> =>
  new MongoStore(await SharedClient.acquire(url, timeoutMs), `${prefixOf(url)}_${service}`, 2 * timeoutMs);

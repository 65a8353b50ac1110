// The store for several machines: one MongoDB database per service, on the current driver, with no call that waits for ever.
import { type Db, MongoClient, MongoError, MongoServerError } from "mongodb";
import MongoDbAdapter from "moleculer-db-adapter-mongo/src/index";
import { StartupError } from "./refusal";
import { type Change, type Collection, type Document, DuplicateKey, type Index, type Query, type Selection, type Store, StoreUnavailable } from "./store";
import { definedQuery, messageOf, plainCopy, storable } from "./store-values";

const DEFAULT_PREFIX = "jangteo";
const DUPLICATE_KEY = 11_000;
/** The longest wait for a server at the start, in milliseconds. */
const START_TIMEOUT = 10_000;
/** The driver refuses to look after its servers more often than this, in milliseconds. */
const MIN_HEARTBEAT = 500;

const toStoreError = (error: unknown): unknown => {
  if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return new DuplicateKey(error.message, { cause: error });
  if (error instanceof MongoError) return new StoreUnavailable(error.message, { cause: error });
  return error;
};

/** Ends the wait whatever the driver does: with a stopped server its own timeouts follow one another. The work itself may still take effect. */
const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`MongoDB did not answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } catch (error) {
    throw toStoreError(error);
  } finally {
    clearTimeout(timer);
  }
};

/** One client for all stores of a process that use the same server; closed with the last of them. */
class SharedClient {
  private static readonly byUrl = new Map<string, SharedClient>();
  private users = 0;
  private connected: Promise<unknown> | undefined;

  private constructor(
    private readonly url: string,
    readonly client: MongoClient,
  ) {}

  /** @throws StartupError when the URL cannot be used or the server does not answer */
  static async acquire(url: string, timeout: number): Promise<SharedClient> {
    const shared = this.byUrl.get(url) ?? new SharedClient(url, this.create(url, timeout));
    this.byUrl.set(url, shared);
    shared.users += 1;
    try {
      await (shared.connected ??= within(START_TIMEOUT, shared.client.connect()));
      return shared;
    } catch (error) {
      await shared.release();
      const { hosts, srvHost } = shared.client.options;
      throw new StartupError(`MongoDB at ${srvHost ?? hosts.join(",")} does not answer: ${messageOf(error)}`, { cause: error });
    }
  }

  private static create(url: string, timeout: number): MongoClient {
    try {
      return new MongoClient(url, {
        serverSelectionTimeoutMS: Math.min(timeout, START_TIMEOUT),
        connectTimeoutMS: timeout,
        socketTimeoutMS: timeout,
        waitQueueTimeoutMS: timeout,
        heartbeatFrequencyMS: Math.max(timeout, MIN_HEARTBEAT),
        writeConcern: { w: "majority", journal: true },
        readConcern: { level: "majority" },
      });
    } catch (error) {
      throw new StartupError(`MONGO_URL cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }

  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    if (SharedClient.byUrl.get(this.url) === this) SharedClient.byUrl.delete(this.url);
    await this.client.close();
  }
}

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

class MongoCollection<D extends Document> implements Collection<D> {
  constructor(
    private readonly adapter: CurrentDriverAdapter,
    private readonly patience: number,
  ) {}

  async get(id: D["_id"]): Promise<D | null> {
    return within(this.patience, this.adapter.findById<D>(id));
  }

  async findOne(query: Query): Promise<D | null> {
    return within(this.patience, this.adapter.findOne<D>(definedQuery(query)));
  }

  async find(selection: Selection = {}): Promise<D[]> {
    const { query = {} } = selection;
    return within(this.patience, this.adapter.find<D>({ ...selection, query: definedQuery(query) }));
  }

  async count(query: Query = {}): Promise<number> {
    return within(this.patience, this.adapter.count({ query: definedQuery(query) }));
  }

  async insert(document: D): Promise<void> {
    await within(this.patience, this.adapter.insert(storable(document)));
  }

  async update(query: Query, change: Change): Promise<D | null> {
    return within(this.patience, this.adapter.updateOne<D>(definedQuery(query), plainCopy(change)));
  }

  async remove(id: D["_id"]): Promise<boolean> {
    return (await within(this.patience, this.adapter.removeById(id))) !== null;
  }
}

class MongoStore implements Store {
  private readonly db: Db;

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
        await within(this.patience, adapter.collection.createIndex({ [field]: 1 }, { unique }));
      } catch (error) {
        throw new StartupError(`The index on ${field} of ${this.db.databaseName}.${name} cannot be made: ${messageOf(error)}`, { cause: error });
      }
    }
    return new MongoCollection<D>(adapter, this.patience);
  }

  async ping(): Promise<void> {
    await within(this.patience, this.db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await this.shared.release();
  }
}

const prefixOf = (url: string): string => /^mongodb(?:\+srv)?:\/\/[^/]+\/([^/?]+)/.exec(url)?.[1] ?? DEFAULT_PREFIX;

/**
 * Opens the database `<prefix>_<service>`; the prefix is the URL's path, or `jangteo`.
 * No call waits longer than twice `timeoutMs`.
 * @throws StartupError when the URL cannot be used or the server does not answer
 */
export const openMongoStore = async (url: string, service: string, timeoutMs: number): Promise<Store> =>
  new MongoStore(await SharedClient.acquire(url, timeoutMs), `${prefixOf(url)}_${service}`, 2 * timeoutMs);

// The store for several machines: one MongoDB database per service.
import type { Db } from "mongodb";
import type { Log } from "../log";
import { type Collection, type Document, type Shape, type Store, StoreUnavailable } from "../store";
import { CurrentDriverAdapter } from "./mongo-adapter";
import { type Call, SharedClient, within } from "./mongo-client";
import { MongoCollection } from "./mongo-collection";
import { ensureIndexes, specOf } from "./mongo-indexes";
import { MongoLog } from "./mongo-log";
import { MongoTextIndex } from "./mongo-text-index";

const DEFAULT_PREFIX = "jangteo";

class MongoStore implements Store {
  private readonly db: Db;
  private opened: Promise<MongoLog> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly shared: SharedClient,
    database: string,
    private readonly patience: number,
  ) {
    this.db = shared.client.db(database);
  }

  async collection<D extends Document>(name: string, { indexes = [], text }: Shape = {}): Promise<Collection<D>> {
    const adapter = new CurrentDriverAdapter(this.db, name);
    await adapter.connect();
    const terms = text && new MongoTextIndex(text);
    const declared = [...indexes.map(specOf), ...(terms ? [terms.index] : [])];
    await ensureIndexes(this.db.collection(name), declared, this.call, async missing => {
      if (terms && missing.some(({ key }) => terms.path in key)) await terms.fill(adapter.collection, this.call);
    });
    return new MongoCollection<D>(adapter, this.call, terms);
  }

  async log(): Promise<Log> {
    const opening = (this.opened ??= MongoLog.open(this.db, this.call));
    return opening.catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
  }

  async drop(name: string): Promise<void> {
    await this.call(() => this.db.collection(name).drop());
  }

  async ping(): Promise<void> {
    await this.call(() => this.db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    (await this.opened?.catch(() => undefined))?.close();
    await this.shared.release();
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

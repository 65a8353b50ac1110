// SQLite as moleculer-db knows databases: the whole interface of its adapters, for any service with its mixin.
import { randomUUID } from "node:crypto";
import type { Service, ServiceBroker } from "moleculer";
import { type Change, type Document, DuplicateKey, type Query, type Selection, type Shape } from "../store";
import { plainCopy } from "../values";
import { Database, type DatabaseOptions } from "./database";
import { Documents } from "./documents";
import { matches, type Matching, splitQuery } from "./matching";

/** What moleculer-db asks for; `search` is text that some field contains, as a person would look for it by eye. */
export interface Filters extends Matching, Omit<Selection, "query"> {}

export interface AdapterOptions extends Partial<DatabaseOptions> {
  /** A file; without one, and without a database, the documents are gone with the process. */
  readonly filename?: string;
  /** One that is open already, and stays so. */
  readonly database?: Database;
  /** Default: the service's name. */
  readonly collection?: string;
  readonly shape?: Shape;
}

type Entity = Record<string, unknown>;

export class SqliteAdapter {
  broker: ServiceBroker | undefined;
  service: Service | undefined;
  /** The open database. */
  db: Database | null = null;
  private documents: Documents | undefined;
  private owned = false;

  /** @param opts where to keep what; or the database itself */
  constructor(readonly opts: AdapterOptions | Database = {}) {}

  init(broker: ServiceBroker, service: Service): void {
    this.broker = broker;
    this.service = service;
  }

  async connect(): Promise<void> {
    const given: AdapterOptions = this.opts instanceof Database ? { database: this.opts } : this.opts;
    const { filename, timeoutMs = 2000, synchronous = "full", database } = given;
    this.owned = database === undefined;
    if (database) this.db = database;
    else if (filename === undefined) this.db = Database.inMemory();
    else this.db = await Database.open(filename, { timeoutMs, synchronous });
    const name = (given.collection ?? this.service?.name ?? "documents").toLowerCase().replace(/[^a-z0-9-]/g, "-");
    this.documents = new Documents(this.db, name, given.shape);
    await this.documents.open();
  }

  async disconnect(): Promise<void> {
    if (this.owned) await this.db?.close();
    this.db = null;
    this.documents = undefined;
  }

  async find<D = Entity>(filters: Filters = {}): Promise<D[]> {
    return (await this.matching(filters)) as D[];
  }

  async findOne<D = Entity>(query: Query): Promise<D | null> {
    return ((await this.matching({ query, limit: 1 }))[0] as D | undefined) ?? null;
  }

  async findById<D = Entity>(id: Document["_id"]): Promise<D | null> {
    return (await this.open().first({ query: { _id: id } })) as D | null;
  }

  /** In the order that was asked for. */
  async findByIds<D = Entity>(ids: readonly Document["_id"][]): Promise<D[]> {
    const found = new Map((await this.open().select({ query: { _id: { $in: ids } } })).map(one => [one._id, one]));
    return ids.flatMap(id => (found.get(id) as D | undefined) ?? []);
  }

  async count(filters: Filters = {}): Promise<number> {
    const { rest, isWhole } = splitQuery(filters);
    if (isWhole) return this.open().count({ query: rest });
    return (await this.matching({ query: filters.query ?? {}, ...withSearch(filters) })).length;
  }

  /** With an id of its own, if it has none. */
  async insert(entity: Entity): Promise<Entity> {
    const [inserted = entity] = await this.insertMany([entity]);
    return inserted;
  }

  /** All of them or none. */
  async insertMany(entities: readonly Entity[]): Promise<Entity[]> {
    const documents = entities.map(entity => ({ ...plainCopy(entity), _id: (entity._id as string) ?? randomUUID() }));
    try {
      await this.open().insert(documents);
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
      const ids = documents.map(({ _id }) => _id);
      throw taken((await this.findByIds<Document>(ids))[0]?._id ?? ids[0], error);
    }
    return documents;
  }

  /** How many it changed. */
  async updateMany(query: Query, change: Change): Promise<number> {
    return (await this.open().change({ query: await this.narrowed(query) }, change)).length;
  }

  /** The document as it is afterwards. */
  async updateById<D = Entity>(id: Document["_id"], change: Change): Promise<D | null> {
    return this.updateOne<D>({ _id: id }, change);
  }

  /** Changes at most one, if it matches: the document as it is afterwards, or null. */
  async updateOne<D = Entity>(query: Query, change: Change): Promise<D | null> {
    const [changed] = await this.open().change({ query, limit: 1 }, change);
    return (changed as D | undefined) ?? null;
  }

  /** How many it removed. */
  async removeMany(query: Query): Promise<number> {
    return this.open().remove({ query: await this.narrowed(query) });
  }

  /** 1, or 0 when there was none. */
  async removeById(id: Document["_id"]): Promise<number> {
    return this.open().remove({ query: { _id: id } });
  }

  /** How many there were. */
  async clear(): Promise<number> {
    return this.open().remove({});
  }

  entityToObject<T>(entity: T): T {
    return entity;
  }

  /** What is found, or how many, when `isCounting`. */
  createCursor(filters: Filters, isCounting = false): Promise<Entity[] | number> {
    return isCounting ? this.count(filters) : this.find(filters);
  }

  beforeSaveTransformID(entity: Entity, idField: string): Entity {
    if (idField === "_id" || entity[idField] === undefined) return entity;
    const { [idField]: _id, ...rest } = entity;
    return { ...rest, _id };
  }

  afterRetrieveTransformID(entity: Entity, idField: string): Entity {
    if (idField === "_id") return entity;
    const { _id, ...rest } = entity;
    return { ...rest, [idField]: _id };
  }

  /** For whoever needs more than the interface has. */
  open(): Documents {
    if (!this.documents) throw new Error("The adapter is not connected.");
    return this.documents;
  }

  private async matching(filters: Filters): Promise<Document[]> {
    const { rest, isWhole } = splitQuery(filters);
    const { limit, offset = 0, search: _search, searchFields: _fields, query: _query, ...order } = filters;
    if (isWhole) return this.open().select({ ...order, query: rest, ...bounds(limit, offset) });
    const found = (await this.open().select({ ...order, query: rest })).filter(one => matches(one, filters));
    return found.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  /** A query that SQLite understands whole: by the ids of what matches, where it has parts that it does not. */
  private async narrowed(query: Query): Promise<Query> {
    if (splitQuery({ query }).isWhole) return query;
    return { _id: { $in: (await this.matching({ query })).map(({ _id }) => _id) } };
  }
}

/** The error that services with moleculer-db's mixin know from its own adapter. */
const taken = (key: string | undefined, cause: DuplicateKey): Error =>
  Object.assign(new Error(`Can't insert key ${key ?? ""}, it violates the unique constraint`), {
    errorType: "uniqueViolated",
    key,
    why: cause.message,
  });

const bounds = (limit: number | undefined, offset: number) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(offset > 0 ? { offset } : {}),
});

const withSearch = ({ search, searchFields }: Filters): Matching => ({
  ...(search === undefined ? {} : { search }),
  ...(searchFields === undefined ? {} : { searchFields }),
});

// The part of moleculer-db's MongoDB adapter that the MongoDB store uses; the package types it for the driver it brings
// along.
declare module "moleculer-db-adapter-mongo/src/index" {
  import type { Collection, Db, FindCursor, MongoClient } from "mongodb";

  interface Filters {
    query?: object;
    sort?: readonly string[];
    offset?: number;
    limit?: number;
  }

  class MongoDbAdapter {
    client: MongoClient;
    db: Db;
    collection: Collection<{ _id: string }>;
    constructor(uri: string, options: object, databaseName: string);
    connect(): Promise<void>;
    find<D>(filters: Filters): Promise<D[]>;
    findOne<D>(query: object): Promise<D | null>;
    findById<D>(id: string): Promise<D | null>;
    createCursor(filters: Filters, isCounting: false): FindCursor<{ _id: string }>;
    count(filters: Filters): Promise<number>;
    insert(document: { readonly _id: string }): Promise<object>;
    removeById(id: string): Promise<object | null>;
    stringToObjectID(id: string): string;
  }

  export = MongoDbAdapter;
}

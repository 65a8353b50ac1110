// The part of moleculer-db's NeDB adapter that the embedded store uses; the package types it with `any`.
declare module "moleculer-db/src/memory-adapter" {
  interface Persistence {
    /** Appends to the data file, after the change was made in memory. */
    persistNewStateAsync(documents: readonly object[]): Promise<void>;
    /** Replaces the data file by what is in memory. */
    persistCachedDatabaseAsync(): Promise<void>;
  }

  interface Datastore {
    readonly persistence: Persistence;
    readonly indexes: Readonly<Record<string, { readonly unique: boolean }>>;
    getAllData(): readonly object[];
    compactDatafileAsync(): Promise<void>;
    ensureIndexAsync(options: { fieldName: string; unique: boolean }): Promise<void>;
    removeIndexAsync(field: string): Promise<void>;
    insertAsync(document: object): Promise<object>;
    findOneAsync<D>(query: object): Promise<D | null>;
    countAsync(query: object): Promise<number>;
    updateAsync<D>(
      query: object,
      change: object,
      options: { returnUpdatedDocs: true },
    ): Promise<{ numAffected: number; affectedDocuments?: D }>;
    removeAsync(query: object, options: object): Promise<number>;
  }

  interface DatastoreOptions {
    filename: string;
    corruptAlertThreshold: number;
    modes: { fileMode: number; dirMode: number };
    afterSerialization(line: string): string;
    beforeDeserialization(line: string): string;
  }

  class MemoryAdapter {
    constructor(options: DatastoreOptions);
    readonly db: Datastore;
    connect(): Promise<void>;
    find<D>(filters: { query?: object; sort?: readonly string[]; offset?: number; limit?: number }): Promise<D[]>;
  }

  export = MemoryAdapter;
}

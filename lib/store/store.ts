// What a service may ask of its database: single-document operations that both stores make atomic.

export interface Document {
  readonly _id: string | number;
}

/**
 * The part of MongoDB's query language that both stores share: equality, $gt, $gte, $lt, $lte, $ne, $in, $exists, $or,
 * $and.
 */
export type Query = Readonly<Record<string, unknown>>;

/** The part of MongoDB's update operators that both stores share: $set, $unset, $inc, $push, $pull, $addToSet. */
export type Change = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Selection {
  query?: Query;
  /** Field names, `-` in front for descending. */
  sort?: readonly string[];
  offset?: number;
  limit?: number;
}

/**
 * One collection of a service's database. Every method fails with StoreUnavailable when the database does not answer in
 * time.
 */
export interface Collection<D extends Document> {
  get(id: D["_id"]): Promise<D | null>;
  findOne(query: Query): Promise<D | null>;
  find(selection?: Selection): Promise<D[]>;
  count(query?: Query): Promise<number>;
  /** @throws DuplicateKey when the id or a unique field is taken; nothing is written then. */
  insert(document: D): Promise<void>;
  /**
   * Changes at most one document, atomically, if it matches. The document as it is afterwards, or null when none
   * matched.
   */
  update(query: Query, change: Change): Promise<D | null>;
  /** Removes the document; false when there was none. */
  remove(id: D["_id"]): Promise<boolean>;
}

export interface Index {
  field: string;
  unique?: boolean;
}

/** A service's own database. Nobody else opens it. */
export interface Store {
  /** Opens (and creates) a collection; the indexes exist when it resolves. */
  collection<D extends Document>(name: string, indexes?: readonly Index[]): Promise<Collection<D>>;
  /** A real round trip to the database. @throws StoreUnavailable */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export class DuplicateKey extends Error {
  override readonly name = "DuplicateKey";
}

/** The database did not answer in time, or refused the write: try again later. Becomes 503 at the edge. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

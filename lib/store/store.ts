// What a service may ask of its database: documents that change atomically, found by declared indexes, and one log.
import type { Log } from "./log";

export interface Document {
  readonly _id: string;
}

/** A document that shows something at a version, which counts from 1. */
export interface Versioned extends Document {
  readonly version: number;
}

/**
 * The part of MongoDB's query language that both stores share: equality, $gt, $gte, $lt, $lte, $ne, $in, $exists, $or,
 * $and. A field that holds an array is found by one of its items when it has a multikey index.
 */
export type Query = Readonly<Record<string, unknown>>;

/** The part of MongoDB's update operators that both stores share: $set, $unset, $inc, $push, $pull, $addToSet. */
export type Change = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Selection {
  query?: Query;
  /** Field names, `-` in front for descending. */
  sort?: readonly string[];
  /**
   * Goes on behind a document with these values of the fields that are sorted by: a place in the order, not a number of
   * documents. All fields of `sort` then have one direction, the last one tells all documents apart, and none is null.
   */
  after?: readonly (string | number | boolean)[];
  limit?: number;
  /** Documents to pass over, at the cost of each: only where their number is bounded. */
  offset?: number;
}

export interface Index {
  /** Field names, dots for nested ones, `-` in front for descending. */
  readonly fields: readonly [string, ...string[]];
  /** No two documents have the same values; those that lack the first field do not count. */
  readonly unique?: boolean;
  /** Its one field holds an array: a document is found by each item of it. */
  readonly multikey?: boolean;
}

/** What a collection can be searched for: fields that hold texts or arrays of texts, the most important one first. */
export interface TextIndex {
  readonly fields: readonly string[];
}

export interface Shape {
  readonly indexes?: readonly Index[];
  /** Its fields are written by `insert` and `putNewer` only. */
  readonly text?: TextIndex;
}

export interface Search {
  /** As a person types it; the last word may be unfinished. */
  readonly text: string;
  /** What else must be so. At most the newest 10 000 of the matches are looked at for it, in each tier. */
  readonly query?: Query;
  readonly limit: number;
  readonly offset?: number;
}

/** What a store does to answer: for tests, which refuse scans. */
export interface Plan {
  /** The declared indexes (and `_id`) that it uses; empty when it reads the whole collection. */
  readonly indexes: readonly string[];
  /** Whether it reads all of a collection, or of an index, to find some of it. */
  readonly scans: boolean;
  /** Whether it has to put what it found in order. */
  readonly sorts: boolean;
}

/**
 * One collection of a service's database. Every method fails with StoreUnavailable when the database does not answer in
 * time.
 */
export interface Collection<D extends Document> {
  get(id: D["_id"]): Promise<D | null>;
  findOne(query: Query): Promise<D | null>;
  find(selection?: Selection): Promise<D[]>;
  /** How many match, at the cost of each: only where their number is bounded. */
  count(query?: Query): Promise<number>;
  /**
   * What has all words, the best first: all of them in the most important field, then all in the first two, and so on;
   * among equals the one that was inserted last. A text without any word finds nothing.
   * @throws Error when the collection was opened without a text index
   */
  search(search: Search): Promise<D[]>;
  /** @throws DuplicateKey when the id or a unique field is taken; nothing is written then. */
  insert(document: D): Promise<void>;
  /**
   * Changes at most one document, atomically, if it matches. The document as it is afterwards, or null when none
   * matched.
   * @throws TypeError when it touches a field of the text index
   */
  update(query: Query, change: Change): Promise<D | null>;
  /** Writes each document unless the collection has this version of it or a newer one. One round trip. */
  putNewer(documents: readonly (D & Versioned)[]): Promise<void>;
  /** Removes the document; false when there was none. */
  remove(id: D["_id"]): Promise<boolean>;
  /** Removes these documents. One round trip. */
  removeAll(ids: readonly D["_id"][]): Promise<void>;
  explain(selection: Selection): Promise<Plan>;
}

/** A service's own database. No other service opens it; other instances of the same service do. */
export interface Store {
  /** Opens (and creates) a collection; the indexes exist when it resolves. */
  collection<D extends Document>(name: string, shape?: Shape): Promise<Collection<D>>;
  /** Opens (and creates) the database's one log. */
  log(): Promise<Log>;
  /** Empties and forgets a collection. */
  drop(name: string): Promise<void>;
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
  /** That of a write nothing was done, for certain: to repeat it finds nothing out. */
  readonly nothingWritten: boolean;
  constructor(
    message: string,
    { nothingWritten = false, ...options }: ErrorOptions & { nothingWritten?: boolean } = {},
  ) {
    super(message, options);
    this.nothingWritten = nothingWritten;
  }
}

// Moleculer's adapter for MongoDB on a driver four major versions younger, and on a client that it does not own.
import type { Db } from "mongodb";
import MongoDbAdapter from "moleculer-db-adapter-mongo/src/index";
import type { Document, Selection } from "../store";

/** What documents are found by, and what is never answered. */
export const HIDDEN = "_text";
const projection = { [HIDDEN]: 0 };

export class CurrentDriverAdapter extends MongoDbAdapter {
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

  override async find<D>(filters: Selection): Promise<D[]> {
    return (await this.createCursor(filters, false).project(projection).toArray()) as D[];
  }

  override async findOne<D>(query: object): Promise<D | null> {
    return (await this.collection.findOne(query, { projection })) as D | null;
  }

  override async findById<D>(id: Document["_id"]): Promise<D | null> {
    return this.findOne<D>({ _id: id });
  }

  override async insert(document: Document): Promise<object> {
    await this.collection.insertOne(document);
    return document;
  }

  override async removeById(id: Document["_id"]): Promise<object | null> {
    return this.collection.findOneAndDelete({ _id: id });
  }

  async updateOne<D>(query: object, change: object): Promise<D | null> {
    return (await this.collection.findOneAndUpdate(query, change, { returnDocument: "after", projection })) as D | null;
  }

  /** Ids are the services' own, also those that look like an ObjectId. */
  override stringToObjectID(id: Document["_id"]): Document["_id"] {
    return id;
  }
}

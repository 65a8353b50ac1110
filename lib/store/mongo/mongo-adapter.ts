// Moleculer's adapter for MongoDB on a driver four major versions younger, and on a client that it does not own.
import type { Db } from "mongodb";
import MongoDbAdapter from "moleculer-db-adapter-mongo/src/index";
import type { Document } from "../store";

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

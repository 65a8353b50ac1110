// One collection of a service's database in MongoDB.
import type { AnyBulkWriteOperation } from "mongodb";
import { refuseTextChange, tiered } from "../search";
import {
  type Change,
  type Collection,
  type Document,
  DuplicateKey,
  type Plan,
  type Query,
  type Search,
  type Selection,
  type Versioned,
} from "../store";
import { definedQuery, plainCopy, storable } from "../values";
import type { CurrentDriverAdapter } from "./mongo-adapter";
import type { Call } from "./mongo-client";
import { together, planOf } from "./mongo-plan";
import type { MongoTextIndex } from "./mongo-text-index";
import { placesBehind } from "./pages";

/**
 * Also where nobody else has written meanwhile: the whole document, unless this one or a newer one is there.
 * @param replacement the document, as an expression
 */
const puttingNewer = (document: Versioned, replacement: object): AnyBulkWriteOperation<Document> => ({
  updateOne: {
    // Nothing but the id, so that of two that insert it at once MongoDB has one try again.
    filter: { _id: document._id },
    update: [
      {
        $replaceWith: {
          $cond: [{ $lt: [{ $ifNull: ["$version", 0] }, document.version] }, replacement, "$$ROOT"],
        },
      },
    ],
    upsert: true,
  },
});

export class MongoCollection<D extends Document> implements Collection<D> {
  constructor(
    private readonly adapter: CurrentDriverAdapter,
    private readonly call: Call,
    private readonly text?: MongoTextIndex,
  ) {}

  async get(id: D["_id"]): Promise<D | null> {
    return this.call(() => this.adapter.findById<D>(id));
  }

  async findOne(query: Query): Promise<D | null> {
    return this.call(() => this.adapter.findOne<D>(definedQuery(query)));
  }

  async find(selection: Selection = {}): Promise<D[]> {
    const { query = {}, after, offset = 0, limit, ...rest } = selection;
    definedQuery(query);
    if (limit === 0) return [];
    if (after === undefined) return this.call(() => this.adapter.find<D>({ ...selection, query }));
    const most = limit === undefined ? {} : { limit: limit + offset };
    const parts = placesBehind(selection).map(place =>
      this.call(() => this.adapter.find<D>({ ...rest, ...most, query: place })),
    );
    return (await Promise.all(parts)).flat().slice(offset, limit === undefined ? undefined : limit + offset);
  }

  async count(query: Query = {}): Promise<number> {
    return this.call(() => this.adapter.count({ query: definedQuery(query) }));
  }

  async search(search: Search): Promise<D[]> {
    const { text } = this;
    if (!text) throw new Error("This collection was opened without a text index.");
    definedQuery(search.query ?? {});
    return tiered<D>(search, text.declared, async (tier, most) => {
      const pipeline = text.tier(search, tier, most);
      return pipeline ? this.call(() => this.adapter.collection.aggregate<D>(pipeline).toArray()) : [];
    });
  }

  async insert(document: D): Promise<void> {
    const stored = storable(document);
    await this.call(() => this.adapter.insert(this.text ? this.text.inserted(stored) : stored));
  }

  async update(query: Query, change: Change): Promise<D | null> {
    if (this.text) refuseTextChange(change, this.text.declared);
    return this.call(() => this.adapter.updateOne<D>(definedQuery(query), plainCopy(change)));
  }

  async putNewer(documents: readonly (D & Versioned)[]): Promise<void> {
    if (documents.length === 0) return;
    const puts = documents.map(document => {
      const stored = storable(document);
      return puttingNewer(stored, this.text ? this.text.replacement(stored) : { $literal: stored });
    });
    const put = () => this.call(() => this.adapter.collection.bulkWrite(puts, { ordered: false }));
    try {
      await put();
    } catch (error) {
      // Of two that insert one document at once, one may be refused all the same; it finds the other one now.
      if (!(error instanceof DuplicateKey)) throw error;
      await put();
    }
  }

  async remove(id: D["_id"]): Promise<boolean> {
    return (await this.call(() => this.adapter.removeById(id))) !== null;
  }

  async removeAll(ids: readonly D["_id"][]): Promise<void> {
    await this.call(() => this.adapter.collection.deleteMany({ _id: { $in: [...ids] } }));
  }

  async explain(selection: Selection): Promise<Plan> {
    const places = selection.after ? placesBehind(selection) : [definedQuery(selection.query ?? {})];
    const plans = places.map(query => this.call(() => planOf(this.adapter.collection, { ...selection, query })));
    return together(await Promise.all(plans));
  }
}

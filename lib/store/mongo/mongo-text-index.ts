// What a collection in MongoDB is searched by: its documents' terms, each with its best field, in a hidden field.
import type { Collection } from "mongodb";
import { MAX_CANDIDATES } from "../search";
import type { Document, Search, TextIndex } from "../store";
import { queryOf, TERMS_RULE, termsIn } from "../terms";
import { HIDDEN } from "./mongo-adapter";
import type { Call } from "./mongo-client";
import type { IndexSpec } from "./mongo-indexes";

/** Documents whose terms are written at once when a text index is new. */
const FILL_BATCH = 500;
/** When the document was inserted: microseconds, each more than the one before it in this process. */
const SINCE = `${HIDDEN}.since`;

let last = 0;
const now = (): number => (last = Math.max(last + 1, Date.now() * 1000));

const prefixed = (tier: number, term: string): string[] =>
  Array.from({ length: tier + 1 }, (_, field) => `${field}:${term}`);

export class MongoTextIndex {
  /** Where the terms stand. Other fields or another rule have another place, and so an index of their own. */
  readonly path: string;
  private readonly place: string;

  constructor(readonly declared: TextIndex) {
    this.place = [TERMS_RULE, ...declared.fields].join(" ").replaceAll(".", "/");
    this.path = `${HIDDEN}.${this.place}`;
  }

  get index(): IndexSpec {
    return { key: { [this.path]: 1, [SINCE]: -1 } };
  }

  inserted<D extends Document>(document: D): D {
    return { ...document, [HIDDEN]: { [this.place]: this.terms(document), since: now() } };
  }

  /** The document with its terms, as an expression. When it was inserted does not change. */
  replacement(document: Document): object {
    return { $mergeObjects: [{ $literal: document }, { [HIDDEN]: this.hidden(document) }] };
  }

  /** To be done before the index is made, which says that it was done to the end. */
  async fill(collection: Collection<Document>, call: Call): Promise<void> {
    // Whoever writes one of them meanwhile writes its terms, too.
    const unfilled = { [this.path]: { $exists: false } };
    for (;;) {
      const documents = await call(() => collection.find(unfilled).limit(FILL_BATCH).toArray());
      if (documents.length === 0) return;
      const writes = documents.map(document => ({
        updateOne: {
          filter: { _id: document._id, ...unfilled },
          update: [{ $set: { [HIDDEN]: this.hidden(document) } }],
        },
      }));
      await call(() => collection.bulkWrite(writes, { ordered: false }));
    }
  }

  /** Asks for at most so many matches of a tier, the last inserted first; undefined when nothing can match. */
  tier({ text, query = {} }: Search, tier: number, most: number): object[] | undefined {
    const { terms, prefix } = queryOf(text);
    const conditions: object[] = terms.map(term => ({ [this.path]: { $in: prefixed(tier, term) } }));
    // Nothing in a term means anything in a regular expression.
    if (prefix !== undefined)
      conditions.push({ [this.path]: { $in: prefixed(tier, prefix).map(start => new RegExp(`^${start}`)) } });
    if (conditions.length === 0) return undefined;
    const isFiltered = Object.keys(query).length > 0;
    return [
      { $match: { $and: conditions } },
      { $sort: { [SINCE]: -1 } },
      { $limit: isFiltered ? MAX_CANDIDATES : most },
      ...(isFiltered ? [{ $match: query }, { $limit: most }] : []),
      { $project: { [HIDDEN]: 0 } },
    ];
  }

  /** Not an object as it stands: $set would keep what else is there, such as the terms of another rule. */
  private hidden(document: Document): object {
    const since = { $ifNull: [`$${SINCE}`, now()] };
    return { $mergeObjects: [{ [this.place]: { $literal: this.terms(document) }, since }] };
  }

  private terms(document: Document): string[] {
    return termsIn(document, this.declared.fields).flatMap((terms, field) => terms.map(term => `${field}:${term}`));
  }
}

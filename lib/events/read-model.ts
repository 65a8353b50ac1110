// Writes a document that shows an aggregate at some version, never over a newer one.
import { type Collection, type Document, DuplicateKey } from "../store/store";

export interface Versioned extends Document {
  /** The version of the aggregate that the document shows. */
  readonly version: number;
}

/** Writes the document unless the collection already has this version of it or a newer one. */
export const project = async <D extends Versioned>(collection: Collection<D>, document: D): Promise<void> => {
  const { _id, ...fields } = document;
  for (;;) {
    if (await collection.update({ _id, version: { $lt: document.version } }, { $set: fields })) return;
    if (await collection.get(_id)) return;
    try {
      return await collection.insert(document);
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
  }
};

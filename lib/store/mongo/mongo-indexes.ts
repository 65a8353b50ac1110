// Sees to it that a collection in MongoDB has the indexes that are declared, and no others.
import { type Collection, type CreateIndexesOptions, type IndexDescription, MongoServerError } from "mongodb";
import { messageOf, StartupError } from "../../errors";
import { type Index, StoreUnavailable } from "../store";
import type { Call } from "./mongo-client";

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;

/** What tells one index from another, as MongoDB says it. */
export interface IndexSpec {
  readonly key: Readonly<Record<string, number>>;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly partialFilterExpression?: object;
}

/** What lacks the first field is not in a unique index. MongoDB has two ways to say so, and plans better with one. */
const lackingFirst = (fields: Index["fields"]): Partial<IndexSpec> =>
  fields.length === 1
    ? { sparse: true }
    : { partialFilterExpression: { [fields[0].replace(/^-/, "")]: { $exists: true } } };

export const specOf = ({ fields, unique = false }: Index): IndexSpec => ({
  key: Object.fromEntries(fields.map(field => [field.replace(/^-/, ""), field.startsWith("-") ? -1 : 1])),
  ...(unique ? { unique, ...lackingFirst(fields) } : {}),
});

/** Text that is the same for indexes that do the same. The order of an index's fields counts. */
const textOf = ({ key, unique = false, sparse = false, partialFilterExpression }: IndexSpec): string =>
  JSON.stringify([Object.entries(key), unique, sparse, partialFilterExpression]);

const passing = (code: number) => (error: unknown) => {
  if (!(error instanceof MongoServerError && error.code === code)) throw error;
};

/** However long it takes: MongoDB goes on building while nobody waits, and answers when asked again. */
const patiently = async (call: Call, collection: Collection<never>, build: () => Promise<unknown>): Promise<void> => {
  for (;;) {
    try {
      await call(build);
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || error.cause instanceof MongoServerError) throw error;
      await call(() => collection.db.command({ ping: 1 }));
    }
  }
};

/**
 * Drops indexes that are not declared, such as those of an earlier release; makes those that are missing.
 * @param prepare is awaited before an index is made that was missing
 * @throws StartupError when one cannot be made
 */
export const ensureIndexes = async (
  collection: Collection<never>,
  declared: readonly IndexSpec[],
  call: Call,
  prepare: (missing: readonly IndexSpec[]) => Promise<void> = async () => {},
) => {
  const existing = (await call(() => collection.indexes().catch(passing(NAMESPACE_NOT_FOUND)))) ?? [];
  const wanted = new Map(declared.map(spec => [textOf(spec), spec]));
  for (const index of existing) {
    const { name = "", ...spec } = index as IndexDescription & IndexSpec;
    if (name === "_id_" || wanted.delete(textOf(spec))) continue;
    await call(() => collection.dropIndex(name).catch(passing(INDEX_NOT_FOUND)));
  }
  if (wanted.size === 0) return;
  const missing = [...wanted.values()].map(spec => ({ ...spec }));
  await prepare(missing);
  try {
    await patiently(call, collection, () => collection.createIndexes(missing, {} satisfies CreateIndexesOptions));
  } catch (error) {
    const fields = missing.map(({ key }) => Object.keys(key).join(" and ")).join(", ");
    throw new StartupError(`The indexes of ${collection.namespace} on ${fields} cannot be made: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

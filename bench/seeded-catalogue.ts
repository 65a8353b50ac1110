// Shops with very many products: their log and catalogue, written as the products service writes them, but in bulk.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { currentOf, openGeneration, openModels } from "../lib/events/generation";
import { applyBatch } from "../lib/events/projection";
import type { Draft, Placed } from "../lib/store/log";
import { openSqliteStore } from "../lib/store/sqlite/sqlite-store";
import sample from "../services/products/catalogue.json";
import { catalogueEntries } from "../services/products/catalogue-entry";
import { skuStream } from "../services/products/product-streams";
import { BULK, eventOf } from "./seeded";

const BATCH = 1000;
const FIRST_MS = Date.parse("2020-01-01T00:00:00Z");

export const productId = (number: number): string => `prd_${number.toString(16).padStart(32, "0")}`;

/** The commit that adds a product: one of the sample's, with a name and a price of its own. */
const creation = (number: number): Draft => {
  const model = sample[number % sample.length];
  if (!model) throw new Error("There are no samples.");
  const [id, sku] = [productId(number), `${model.sku}-${number}`];
  const details = {
    ...model,
    sku,
    name: `${model.name} ${(number * 7919) % 1_000_003}`,
    price: { ...model.price, amount: model.price.amount + ((number * 104_729) % 1_000_003) },
    attributes: Object.fromEntries(Object.entries(model.attributes).filter(([, value]) => value !== undefined)),
  };
  const at = new Date(FIRST_MS + number * 1000).toISOString();
  return {
    id: randomUUID(),
    events: [
      eventOf(skuStream(sku), 1, "SkuClaimed", { productId: id }, at),
      eventOf(id, 1, "ProductCreated", details, at),
    ],
    before: [],
  };
};

/** Writes what a products service with so many products has into a data folder. */
export const seedCatalogue = async (dataDir: string, count: number): Promise<void> => {
  const store = await openSqliteStore(join(dataDir, "products"), BULK);
  const log = await store.log();
  const name = await currentOf(await openModels(store), catalogueEntries.name);
  // Its indexes are made at the end, all at once.
  const { indexes: _later, ...shape } = catalogueEntries.shape;
  const generation = await openGeneration(store, { ...catalogueEntries, shape }, name);
  for (let number = 0; number < count; number += BATCH) {
    const drafts = Array.from({ length: Math.min(BATCH, count - number) }, (_, index) => creation(number + index));
    const commits = (await Promise.all(drafts.map(draft => log.append(draft)))) as Placed[];
    await applyBatch(catalogueEntries, generation, log, commits);
    const last = commits.at(-1);
    if (last) await generation.checkpoint.save({ position: last.position, log: log.id, commit: last.id });
  }
  await openGeneration(store, catalogueEntries, name);
  await store.close();
};

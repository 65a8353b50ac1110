// Fills an empty shop with 194 real products, in one commit: all of them or, after a crash, none.
import { VersionConflict } from "../../lib/events/event-store";
import { Refusal } from "../../lib/refusal";
import sample from "./catalogue.json";
import type { Details } from "./product";
import type { ProductCommands } from "./product-commands";
import { create } from "./product.rules";

const SAMPLE_CURRENCY = "USD";

const detailsOf = ({ attributes, ...product }: (typeof sample)[number]): Details => ({
  ...product,
  attributes: Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  ),
});

/** Creates the sample products. Another process that does the same at the same time is no problem. */
export const seed = async (products: Pick<ProductCommands, "create">, newId: () => string): Promise<void> => {
  const samples = sample
    .map(detailsOf)
    .map(details => ({ id: newId(), details, events: create(details, SAMPLE_CURRENCY) }));
  try {
    await products.create(samples);
  } catch (error) {
    const seededElsewhere =
      error instanceof VersionConflict || (error instanceof Refusal && error.code === "SKU_TAKEN");
    if (!seededElsewhere) throw error;
  }
};

/** Why the sample catalogue does not fit a shop, or null when it does. */
export const whyNoSample = (currency: string): string | null =>
  currency === SAMPLE_CURRENCY
    ? null
    : `The catalogue is empty: the sample products are priced in ${SAMPLE_CURRENCY}, this shop's in ${currency}.`;

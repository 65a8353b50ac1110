// What the catalogue keeps of a product: what lists select and sort by, and all that is shown of it.
import type { productEvents } from "../../contracts/product-events";
import type { Counted } from "../../lib/events/counters";
import type { Projection } from "../../lib/events/projection";
import type { ReadModel } from "../../lib/events/read-model";
import type { Index, Versioned } from "../../lib/store/store";
import { available, evolve, isProductEvent, type KnownProduct, noProduct, type ProductState } from "./product";

export interface Entry extends Versioned {
  listed: boolean;
  category: string;
  inStock: boolean;
  name: string;
  price: number;
  createdAt: string;
  rating: number;
  sku: string;
  product: KnownProduct;
}

export type CatalogueModel = ReadModel<typeof productEvents, ProductState, Entry>;

/** The groups in which listed products are counted by whether they are in stock: all of them, and a category's. */
export const ALL_PRODUCTS = "all";
export const CATEGORY = "category:";

/** The key under which products in stock are counted, or those that are not. */
export const keyOf = (inStock: boolean): string => (inStock ? "inStock" : "soldOut");

const countedIn = (product: ProductState): readonly Counted[] => {
  if (product.status !== "listed") return [];
  const key = keyOf(available(product) > 0);
  return [
    { group: ALL_PRODUCTS, key },
    { group: CATEGORY + product.category, key },
  ];
};

/** What lists can be sorted by, either way. Same values are told apart by SKU. */
const sorts = ["name", "price", "createdAt", "rating"] as const;

/** Every product as it stands now. */
export const catalogueEntries: Projection<typeof productEvents, ProductState, Entry> = {
  name: "catalogue",
  shape: {
    // A category is small enough to look through it for what is in stock.
    indexes: sorts.flatMap((sort): Index[] => [
      { fields: ["listed", sort, "sku"] },
      { fields: ["listed", "inStock", sort, "sku"] },
      { fields: ["listed", "category", sort, "sku"] },
    ]),
  },
  initial: noProduct,
  isShown: isProductEvent,
  evolve: (state, event) => (isProductEvent(event) ? evolve(state, event) : state),
  entryOf: product => {
    if (product.status === "absent") throw new Error("A product that never existed is not shown.");
    const { id, version, name, category, createdAt, sku } = product;
    return {
      _id: id,
      version,
      listed: product.status === "listed",
      category,
      inStock: available(product) > 0,
      name,
      price: product.price.amount,
      createdAt,
      rating: product.rating ?? 0,
      sku,
      product,
    };
  },
  stateOf: ({ product }) => product,
  countedIn,
};

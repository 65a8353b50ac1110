// The rules of a product: what may be sold, at what price, and how many pieces may go. Pure.
import { Refusal } from "../../lib/refusal";
import { MAX_STOCK } from "../../contracts/product-events";
import type { Product } from "../../contracts/products";
import { type IfVersion, isMeantFor } from "../../contracts/versions";
import {
  available,
  type Details,
  type ListedProduct,
  type ProductData,
  type ProductEvent,
  type ProductState,
} from "./product";

/** @throws Refusal PRODUCT_NOT_FOUND unless the product is on sale */
export const listed = (state: ProductState): ListedProduct => {
  if (state.status !== "listed") throw new Refusal("PRODUCT_NOT_FOUND");
  return state;
};

/** @throws Refusal VALIDATION_FAILED when the price is not in the shop's currency */
const inShopCurrency = (price: Product["price"], currency: string) => {
  if (price.currency !== currency)
    throw new Refusal("VALIDATION_FAILED", {
      errors: [{ path: "/price/currency", code: "NOT_THE_CURRENCY", facts: { currency } }],
    });
};

/**
 * The product, if nobody has edited it since the version that a client saw: that orders have moved some of its pieces
 * does not make an edit stale, or a product that sells could never be edited.
 * @throws Refusal PRECONDITION_FAILED
 */
export const atVersion = (product: ListedProduct, ifVersion: IfVersion | undefined): ListedProduct => {
  if (!isMeantFor(product, ifVersion)) throw new Refusal("PRECONDITION_FAILED");
  return product;
};

export const create = (details: Details, currency: string): ProductEvent[] => {
  inShopCurrency(details.price, currency);
  return [{ type: "ProductCreated", data: details }];
};

/** Whether two JSON values say the same, whatever the order of their fields. */
const isSame = (one: unknown, other: unknown): boolean => {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const [mine, theirs] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    mine.size === theirs.size &&
    [...mine].every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key)))
  );
};

export const change = (
  state: ProductState,
  changes: ProductData<"ProductChanged">,
  ifVersion: IfVersion | undefined,
  currency: string,
): ProductEvent[] => {
  atVersion(listed(state), ifVersion);
  if (changes.price) inShopCurrency(changes.price, currency);
  const isNew = ([name, value]: [string, unknown]) => !isSame(value, Reflect.get(state, name));
  const data = Object.fromEntries(Object.entries(changes).filter(isNew));
  return Object.keys(data).length === 0 ? [] : [{ type: "ProductChanged", data }];
};

export const remove = (state: ProductState, ifVersion: IfVersion | undefined): ProductEvent[] => {
  atVersion(listed(state), ifVersion);
  return [{ type: "ProductRemoved", data: {} }];
};

/** @throws Refusal STOCK_TOO_LOW when pieces that orders hold would go; STOCK_TOO_HIGH over MAX_STOCK */
export const adjustStock = (state: ProductState, delta: number, ifVersion?: IfVersion): ProductEvent[] => {
  const product = atVersion(listed(state), ifVersion);
  if (product.stock + delta < product.reserved) throw new Refusal("STOCK_TOO_LOW", { available: available(product) });
  if (product.stock + delta > MAX_STOCK) throw new Refusal("STOCK_TOO_HIGH");
  return delta === 0 ? [] : [{ type: "StockAdjusted", data: { delta } }];
};

/** Whether that many pieces can be promised to one more order. */
export const canReserve = (state: ProductState, quantity: number): state is ListedProduct =>
  state.status === "listed" && available(state) >= quantity;

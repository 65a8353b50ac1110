// Two instances of products over one slow database, without a broker.
import type { productEvents } from "../../contracts/product-events";
import { EventStore } from "../../lib/events/event-store";
import {
  evolve,
  isProductEvent,
  type KnownProduct,
  noProduct,
  type ProductState,
} from "../../services/products/product";
import { openProducts } from "../../services/products/open-products";
import { create, listed } from "../../services/products/product.rules";
import { sharedStore } from "./instances";
import { temporaryStore } from "./store";

let serial = 0;

export const setUp = async (seed: number) => {
  const store = sharedStore(await temporaryStore(), seed);
  const instance = async () => {
    const log = await EventStore.open<typeof productEvents>(store, () => new Date());
    const { commands: products, reservations } = openProducts(log);
    return { log, products, reservations };
  };
  const [one, two] = [await instance(), await instance()];
  const at = (index: number) => (index % 2 ? two : one);
  const stocked = async (stock: number) => {
    const id = `prd_${(serial += 1)}`;
    const details = {
      sku: id,
      name: "Mug",
      description: "",
      category: "kitchen",
      price: { amount: 500, currency: "USD" },
      stock,
      images: [],
      attributes: {},
      rating: null,
    };
    await one.products.create([{ id, details, events: create(details, "USD") }]);
    return id;
  };
  const recorded = async (id: string): Promise<KnownProduct> =>
    listed((await one.log.getEvents(id)).filter(isProductEvent).reduce<ProductState>(evolve, noProduct));
  /** As the log has it; what commands start from is checked against it. */
  const product = async (id: string): Promise<KnownProduct> => {
    const state = await recorded(id);
    for (const { products } of [one, two]) expect(await products.load(id)).toEqual(state);
    return state;
  };
  return { at, stocked, recorded, product, log: one.log };
};

export type World = Awaited<ReturnType<typeof setUp>>;

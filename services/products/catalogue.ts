// The catalogue: every product as it stands now, to list, to read, and to start from when a command is decided.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { productEvents } from "../../contracts/product-events";
import type { Product, Sort } from "../../contracts/products";
import type { RecordedOf } from "../../lib/events/event-store";
import { project, type Versioned } from "../../lib/events/read-model";
import type { Collection, Query, Store } from "../../lib/store/store";
import { evolve, isProductEvent, type KnownProduct, noProduct, type ProductState, show } from "./product";

interface Entry extends Versioned {
  _id: string;
  /** What lists select and sort by. */
  listed: boolean;
  name: string;
  category: string;
  price: number;
  createdAt: string;
  rating: number;
  inStock: boolean;
  sku: string;
  product: KnownProduct;
}

const entryOf = (product: KnownProduct): Entry => ({
  _id: product.id,
  version: product.version,
  listed: product.status === "listed",
  name: product.name,
  category: product.category,
  price: product.price.amount,
  createdAt: product.createdAt,
  rating: product.rating ?? 0,
  inStock: product.stock > product.reserved,
  sku: product.sku,
  product,
});

export interface ListQuery {
  page?: number;
  limit?: number;
  category?: string;
  inStock?: boolean;
  sort?: Sort;
}

export class Catalogue {
  private constructor(private readonly entries: Collection<Entry>) {}

  static async open(store: Store): Promise<Catalogue> {
    return new Catalogue(await store.collection<Entry>("catalogue", [{ field: "category" }, { field: "createdAt" }]));
  }

  /** The product as last shown here; the log may be ahead of it. */
  async find(id: string): Promise<ProductState> {
    return (await this.entries.get(id))?.product ?? noProduct;
  }

  /** Shows a product's newer state. */
  async show(state: ProductState): Promise<void> {
    if (state.status !== "absent") await project(this.entries, entryOf(state));
  }

  /** Brings the entry up to an event that it does not show yet. */
  async apply(event: RecordedOf<typeof productEvents>, load: (id: string) => Promise<ProductState>): Promise<void> {
    if (!isProductEvent(event)) return;
    const shown = await this.find(event.aggregateId);
    if (shown.version >= event.version) return;
    await this.show(shown.version === event.version - 1 ? evolve(shown, event) : await load(event.aggregateId));
  }

  /** The currency of a shop's products, which is one for all; undefined for an empty shop. */
  async currency(): Promise<string | undefined> {
    const [entry] = await this.entries.find({ limit: 1 });
    return entry?.product.price.currency;
  }

  /** One page of what is on sale. Same sort values are told apart by SKU, so that pages neither skip nor repeat. */
  async list({
    page = 1,
    limit = PAGE_SIZE,
    category,
    inStock,
    sort = "createdAt",
  }: ListQuery): Promise<Page<Product>> {
    const query: Query = {
      listed: true,
      ...(category === undefined ? {} : { category }),
      ...(inStock === undefined ? {} : { inStock }),
    };
    const [total, entries] = await Promise.all([
      this.entries.count(query),
      this.entries.find({ query, sort: [sort, "sku"], offset: (page - 1) * limit, limit }),
    ]);
    return { items: entries.map(entry => show(entry.product)), page, limit, total, pages: Math.ceil(total / limit) };
  }

  /** The categories of what is on sale, by name. */
  async categories(): Promise<{ category: string; count: number }[]> {
    const counts = new Map<string, number>();
    for (const { category } of await this.entries.find({ query: { listed: true } }))
      counts.set(category, (counts.get(category) ?? 0) + 1);
    return [...counts]
      .map(([category, count]) => ({ category, count }))
      .sort((a, b) => (a.category < b.category ? -1 : 1));
  }
}

// The catalogue: what is on sale, page by page, and by category.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { Product, Sort } from "../../contracts/products";
import { countIn } from "../../lib/events/counters";
import type { Query } from "../../lib/store/store";
import { ALL_PRODUCTS, type CatalogueModel, CATEGORY, IN_STOCK } from "./catalogue-entry";
import { show } from "./product";

export interface ListQuery {
  page?: number;
  limit?: number;
  category?: string;
  inStock?: boolean;
  sort?: Sort;
}

/** Behind all ids that begin with it. */
const END = "\uffff";

export class Catalogue {
  constructor(private readonly model: Pick<CatalogueModel, "read">) {}

  /** One page of what is on sale. Same sort values are told apart by SKU, so that pages neither skip nor repeat. */
  list({ page = 1, limit = PAGE_SIZE, category, inStock, sort = "createdAt" }: ListQuery): Promise<Page<Product>> {
    const query: Query = {
      listed: true,
      ...(category === undefined ? {} : { category }),
      ...(inStock === undefined ? {} : { inStock }),
    };
    return this.model.read(async ({ entries, counts }) => {
      const [counted, found] = await Promise.all([
        counts.get(category === undefined ? ALL_PRODUCTS : CATEGORY + category),
        entries.find({ query, sort: [sort, sort.startsWith("-") ? "-sku" : "sku"], offset: (page - 1) * limit, limit }),
      ]);
      const [all, available] = [countIn(counted), countIn(counted, IN_STOCK)];
      const total = inStock === undefined ? all : inStock ? available : all - available;
      return { items: found.map(({ product }) => show(product)), page, limit, total, pages: Math.ceil(total / limit) };
    });
  }

  /** The categories of what is on sale, by name. */
  async categories(): Promise<{ category: string; count: number }[]> {
    const groups = await this.model.read(({ counts }) =>
      counts.find({ query: { _id: { $gte: CATEGORY, $lt: CATEGORY + END } } }),
    );
    return groups
      .map(group => ({ category: group._id.slice(CATEGORY.length), count: countIn(group) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => (a.category < b.category ? -1 : 1));
  }
}

// The catalogue: what is on sale, page by page, and by category.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { Product, Sort } from "../../contracts/products";
import { countIn } from "../../lib/events/counters";
import { type Asked, type List, readPage } from "../../lib/paging";
import type { Query } from "../../lib/store/store";
import { ALL_PRODUCTS, type CatalogueModel, CATEGORY, type Entry, keyOf } from "./catalogue-entry";
import { show } from "./product";

export interface ListQuery extends Partial<Asked> {
  category?: string;
  inStock?: boolean;
  sort?: Sort;
}

/** Behind all ids that begin with it. */
const END = "\uffff";

export class Catalogue {
  constructor(private readonly model: Pick<CatalogueModel, "read">) {}

  /** One page of what is on sale. Same sort values are told apart by SKU, so that pages neither skip nor repeat. */
  list({ category, inStock, sort = "createdAt", ...asked }: ListQuery): Promise<Page<Product>> {
    const query: Query = {
      listed: true,
      ...(category === undefined ? {} : { category }),
      ...(inStock === undefined ? {} : { inStock }),
    };
    const list: List<Entry, Product> = {
      query,
      sort: [sort, sort.startsWith("-") ? "-sku" : "sku"],
      show: ({ product }) => show(product),
    };
    return this.model.read(({ entries, counts }) => {
      const group = counts.get(category === undefined ? ALL_PRODUCTS : CATEGORY + category);
      const total = group.then(counted => countIn(counted, inStock === undefined ? undefined : keyOf(inStock)));
      return readPage(entries, list, { limit: PAGE_SIZE, ...asked }, total);
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

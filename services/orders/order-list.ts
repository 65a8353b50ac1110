// Which orders are there? The read model behind lists.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { Order, OrderSummary } from "../../contracts/orders";
import { project } from "../../lib/events/read-model";
import type { Collection } from "../../lib/store/store";
import type { KnownOrder } from "./order";
import type { Entry } from "./order-entry";
import { show, summarise } from "./order-view.rules";
import { standing } from "./unsettled";

export interface ListQuery {
  page?: number;
  limit?: number;
  status?: Order["status"];
  /** With the orders' lines. */
  expand?: "items";
  /** Only this user's. */
  userId?: string;
}

export class OrderList {
  constructor(private readonly entries: Collection<Entry>) {}

  async show(order: KnownOrder): Promise<void> {
    const { id, version, userId, status, createdAt } = order;
    await project(this.entries, {
      _id: id,
      version,
      userId,
      status,
      createdAt,
      standing: standing(order),
      tries: 0,
      order: show(order),
    });
  }

  /** The version that the list shows; 0 when it does not know the order. */
  async versionOf(id: string): Promise<number> {
    return (await this.entries.get(id))?.version ?? 0;
  }

  /** Newest first. */
  async list({ page = 1, limit = PAGE_SIZE, status, userId, expand }: ListQuery): Promise<Page<OrderSummary>> {
    const query = { ...(status === undefined ? {} : { status }), ...(userId === undefined ? {} : { userId }) };
    const [total, entries] = await Promise.all([
      this.entries.count(query),
      this.entries.find({ query, sort: ["-createdAt", "_id"], offset: (page - 1) * limit, limit }),
    ]);
    return {
      items: entries.map(({ order }) => summarise(order, expand)),
      page,
      limit,
      total,
      pages: Math.ceil(total / limit),
    };
  }
}

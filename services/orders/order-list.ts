// Which orders are there? The read model behind lists, and behind the sweep that finishes what is unsettled.
import type { Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import { project, type Versioned } from "../../lib/read-model";
import type { Collection, Store } from "../../lib/store";
import { isSettled } from "./checkout";
import type { KnownOrder } from "./order";
import { show } from "./order-view";

interface Entry extends Versioned {
  _id: string;
  userId: string;
  status: Order["status"];
  createdAt: string;
  /** `open:‹updatedAt›:‹id›` or `settled:‹id›`. Different for each order: an index over two values alone would be a list of all orders. */
  rest: string;
  order: Order;
}

export interface ListQuery {
  page?: number;
  limit?: number;
  status?: Order["status"];
  /** Only this user's. */
  userId?: string;
}

export class OrderList {
  private constructor(private readonly entries: Collection<Entry>) {}

  static async open(store: Store): Promise<OrderList> {
    return new OrderList(await store.collection<Entry>("orders", [{ field: "userId" }, { field: "rest" }]));
  }

  async show(order: KnownOrder): Promise<void> {
    const { id, version, userId, status, createdAt, updatedAt } = order;
    const rest = isSettled(order) ? `settled:${id}` : `open:${updatedAt}:${id}`;
    await project(this.entries, { _id: id, version, userId, status, createdAt, rest, order: show(order) });
  }

  /** The version that the list shows; 0 when it does not know the order. */
  async versionOf(id: string): Promise<number> {
    return (await this.entries.get(id))?.version ?? 0;
  }

  /** Newest first. */
  async list({ page = 1, limit = 10, status, userId }: ListQuery): Promise<Page<Order>> {
    const query = { ...(status === undefined ? {} : { status }), ...(userId === undefined ? {} : { userId }) };
    const [total, entries] = await Promise.all([this.entries.count(query), this.entries.find({ query, sort: ["-createdAt", "_id"], offset: (page - 1) * limit, limit })]);
    return { items: entries.map(entry => entry.order), page, limit, total, pages: Math.ceil(total / limit) };
  }

  /** Orders that have not come to rest and that nothing has happened to since a time (RFC 3339). */
  async unsettledSince(time: string): Promise<string[]> {
    const entries = await this.entries.find({ query: { rest: { $gte: "open:", $lte: `open:${time}` } }, sort: ["rest"], limit: 200 });
    return entries.map(entry => entry._id);
  }
}

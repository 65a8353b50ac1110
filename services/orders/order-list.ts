// Which orders are there? Lists, with how many there are.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { Order, OrderSummary } from "../../contracts/orders";
import { ALL_ORDERS, type OrderModel, ordersOf } from "./order-entry";
import { show, summarise } from "./order-view.rules";
import { countIn } from "../../lib/events/counters";

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
  constructor(private readonly model: Pick<OrderModel, "read">) {}

  /** Newest first. */
  list({ page = 1, limit = PAGE_SIZE, status, userId, expand }: ListQuery): Promise<Page<OrderSummary>> {
    const query = { ...(status === undefined ? {} : { status }), ...(userId === undefined ? {} : { userId }) };
    const group = userId === undefined ? ALL_ORDERS : ordersOf(userId);
    return this.model.read(async ({ entries, counts }) => {
      const [counted, found] = await Promise.all([
        counts.get(group),
        entries.find({ query, sort: ["-createdAt", "-_id"], offset: (page - 1) * limit, limit }),
      ]);
      const total = countIn(counted, status);
      const items = found.map(({ order }) => summarise(show(order), expand));
      return { items, page, limit, total, pages: Math.ceil(total / limit) };
    });
  }
}

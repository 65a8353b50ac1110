// Which orders are there? Lists, with how many there are.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { Order, OrderSummary } from "../../contracts/orders";
import { countIn } from "../../lib/events/counters";
import { type Asked, type List, readPage } from "../../lib/paging";
import { ALL_ORDERS, type Entry, type OrderModel, ordersOf } from "./order-entry";
import { show, summarise } from "./order-view.rules";

export interface ListQuery extends Partial<Asked> {
  status?: Order["status"];
  /** With the orders' lines. */
  expand?: "items";
  /** Only this user's. */
  userId?: string;
}

export class OrderList {
  constructor(private readonly model: Pick<OrderModel, "read">) {}

  /** Newest first. */
  list({ status, userId, expand, ...asked }: ListQuery): Promise<Page<OrderSummary>> {
    const query = { ...(status === undefined ? {} : { status }), ...(userId === undefined ? {} : { userId }) };
    const group = userId === undefined ? ALL_ORDERS : ordersOf(userId);
    const list: List<Entry, OrderSummary> = {
      query,
      sort: ["-createdAt", "-_id"],
      show: ({ order }) => summarise(show(order), expand),
    };
    return this.model.read(({ entries, counts }) => {
      const total = counts.get(group).then(counted => countIn(counted, status));
      return readPage(entries, list, { limit: PAGE_SIZE, ...asked }, total);
    });
  }
}

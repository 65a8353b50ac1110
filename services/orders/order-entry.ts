// What the read model keeps of an order: enough for lists, and for the sweep that finishes what is unsettled.
import type { Order } from "../../contracts/orders";
import type { Versioned } from "../../lib/events/read-model";
import type { Collection, Store } from "../../lib/store/store";

export interface Entry extends Versioned {
  _id: string;
  userId: string;
  status: Order["status"];
  createdAt: string;
  /**
   * `‹lane›:‹time of the next try›:‹id›` or `settled:‹id›`. Different for each order: an index over few values would be
   * a list of all orders.
   */
  standing: string;
  /** How often the sweep has tried in vain since the order last moved on. */
  tries: number;
  order: Order;
}

export const openEntries = (store: Store): Promise<Collection<Entry>> =>
  store.collection<Entry>("order-list", [{ field: "userId" }, { field: "standing" }]);

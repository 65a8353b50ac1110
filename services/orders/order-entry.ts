// What the read model keeps of an order: enough for lists, and for the sweep that finishes what is unsettled.
import { type Order, type orderEvents } from "../../contracts/orders";
import type { Projection } from "../../lib/events/projection";
import type { ReadModel } from "../../lib/events/read-model";
import type { Versioned } from "../../lib/store/store";
import { evolve, isOrderEvent, type KnownOrder, noOrder, type OrderState } from "./order";
import { standing } from "./standing";

export interface Entry extends Versioned {
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
  order: KnownOrder;
}

export type OrderModel = ReadModel<typeof orderEvents, OrderState, Entry>;

/** The groups in which orders are counted by their status: all of them, and a user's. */
export const ALL_ORDERS = "all";
export const ordersOf = (userId: string): string => `user:${userId}`;

/** Orders by status, for all and for each user, newest first; and by when they are to be tried next. */
export const orderEntries: Projection<typeof orderEvents, OrderState, Entry> = {
  name: "order-list",
  shape: {
    indexes: [
      { fields: ["createdAt", "_id"] },
      { fields: ["status", "createdAt", "_id"] },
      { fields: ["userId", "createdAt", "_id"] },
      { fields: ["userId", "status", "createdAt", "_id"] },
      { fields: ["standing"] },
    ],
  },
  volatile: ["standing", "tries"],
  initial: noOrder,
  isShown: isOrderEvent,
  evolve: (state, event) => (isOrderEvent(event) ? evolve(state, event) : state),
  entryOf: order => {
    if (order.status === "absent") throw new Error("An order that was never placed is not shown.");
    const { id, version, userId, status, createdAt } = order;
    return { _id: id, version, userId, status, createdAt, standing: standing(order), tries: 0, order };
  },
  stateOf: ({ order }) => order,
  countedIn: order =>
    order.status === "absent"
      ? []
      : [
          { group: ALL_ORDERS, key: order.status },
          { group: ordersOf(order.userId), key: order.status },
        ],
};

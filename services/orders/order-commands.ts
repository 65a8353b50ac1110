// Orders against the log: loads by replaying, appends at the version that was decided on, and keeps the owner's slots
// with it.
import type { orderEvents } from "../../contracts/orders";
import type { EventOf } from "../../lib/contract";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import { type EventStore, VersionConflict } from "../../lib/events/event-store";
import { type Append, Loaded, unwritten } from "../../lib/events/loaded";
import { KeyedLock } from "../../lib/events/keyed-lock";
import { Refusal } from "../../lib/refusal";
import {
  evolve,
  isOrderEvent,
  type KnownOrder,
  noOrder,
  type OrderEvent,
  type OrderState,
  type Placed,
  type Recorded,
} from "./order";
import { Slots, slotStream } from "./slots";

type Appends = Append<EventOf<typeof orderEvents>>[];

/** The order as the events would leave it. */
const after = (id: string, state: OrderState, events: readonly OrderEvent[]): OrderState =>
  events.reduce<OrderState>(
    (order, event, index) =>
      evolve(order, { ...event, id: "", aggregateId: id, version: state.version + index + 1, timestamp: "" }),
    state,
  );

/** In the commit that ends the waiting its slot is free again. Nobody else appends to a slot that is taken. */
const slotFreed = (state: OrderState, next: OrderState): Appends => {
  if (state.status !== "pending" || next.status === "pending" || !state.slot) return [];
  const { number, version } = state.slot;
  return [new Loaded(slotStream(state.userId, number), version, state.slot).append([{ type: "SlotFreed", data: {} }])];
};

export class OrderBook {
  private readonly lock = new KeyedLock();
  private readonly slots: Slots;

  constructor(
    private readonly events: EventStore<typeof orderEvents>,
    private readonly onChange: (order: KnownOrder) => Promise<void>,
  ) {
    this.slots = new Slots(events);
  }

  async history(id: string): Promise<Recorded[]> {
    return (await this.events.getEvents(id)).filter(isOrderEvent);
  }

  async find(id: string): Promise<OrderState> {
    return (await this.history(id)).reduce<OrderState>(evolve, noOrder);
  }

  /** @throws Refusal ORDER_NOT_FOUND */
  async load(id: string): Promise<KnownOrder> {
    const order = await this.find(id);
    if (order.status === "absent") throw new Refusal("ORDER_NOT_FOUND");
    return order;
  }

  /**
   * Places an order in one of its owner's slots; or finds the one that somebody else has placed with this id meanwhile.
   * @throws Refusal TOO_MANY_PENDING_ORDERS
   */
  place(id: string, order: Placed): Promise<KnownOrder> {
    return this.lock.run([order.userId], () =>
      decideAgainOnConflict(async () => {
        try {
          const free = await this.slots.free(order.userId);
          const slot = { number: free.state, version: free.version + 1 };
          return await this.commit(noOrder, [
            unwritten(id).append([{ type: "OrderPlaced", data: { ...order, slot } }]),
            free.append([{ type: "SlotTaken", data: { orderId: id } }]),
          ]);
        } catch (error) {
          if (!(error instanceof VersionConflict || error instanceof Refusal)) throw error;
          this.slots.forget(order.userId);
          const theirs = await this.find(id);
          if (theirs.status === "absent") throw error;
          return theirs;
        }
      }),
    );
  }

  /** Appends what was decided on `state`. @throws VersionConflict when the order has moved on since */
  async append(id: string, state: KnownOrder, events: readonly OrderEvent[]): Promise<KnownOrder> {
    if (events.length === 0) return state;
    const own = new Loaded(id, state.version, state);
    return this.commit(state, [own.append(events), ...slotFreed(state, after(id, state, events))]);
  }

  /** Decides on the order as it is now and appends what was decided. */
  change(id: string, decide: (order: KnownOrder) => readonly OrderEvent[]): Promise<KnownOrder> {
    return decideAgainOnConflict(async () => {
      const order = await this.load(id);
      return this.append(id, order, decide(order));
    });
  }

  private async commit(state: OrderState, appends: Appends): Promise<KnownOrder> {
    const { events } = await this.events.append(appends);
    const order = events.filter(isOrderEvent).reduce<OrderState>(evolve, state);
    if (order.status === "absent") throw new Error("A commit without an order.");
    const slotEvent = events.find(event => !isOrderEvent(event));
    if (slotEvent && order.slot)
      this.slots.note(order.userId, { number: order.slot.number, version: slotEvent.version });
    await this.onChange(order);
    return order;
  }
}

// Commands on orders: decided on the order as the log has it, together with the owner's slot for pending orders.
import type { orderEvents } from "../../contracts/orders";
import type { EventOf } from "../../lib/contract";
import { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Once } from "../../lib/events/idempotency";
import { type Append, Loaded } from "../../lib/events/loaded";
import type { Aggregate } from "../../lib/events/unit-of-work";
import { Refusal } from "../../lib/refusal";
import { isSettled } from "./checkout";
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
import type { Cause, Caused } from "../../lib/events/metadata";

type Events = typeof orderEvents;

interface State {
  order: OrderState;
  /** As it first came to rest: what whoever placed it is answered, however often he asks. */
  atRest: KnownOrder | undefined;
}
/** An order that was placed. */
export interface Followed extends State {
  order: KnownOrder;
}

const orders: Aggregate<Events, State> = {
  initial: { order: noOrder, atRest: undefined },
  evolve: (state, event) => {
    if (!isOrderEvent(event)) return state;
    const order = evolve(state.order, event);
    return { order, atRest: state.atRest ?? (isSettled(order) ? order : undefined) };
  },
};

/** @throws Refusal ORDER_NOT_FOUND */
const known = ({ order, atRest }: State): Followed => {
  if (order.status === "absent") throw new Refusal("ORDER_NOT_FOUND");
  return { order, atRest };
};

/** The order as the events would leave it. */
const after = (order: KnownOrder, events: readonly OrderEvent[]): OrderState =>
  events.reduce<OrderState>(
    (state, event, index) =>
      evolve(state, { ...event, id: "", aggregateId: order.id, version: order.version + index + 1, timestamp: "" }),
    order,
  );

/** In the commit that ends the waiting its slot is free again. Nobody else appends to a slot that is taken. */
const slotFreed = (order: KnownOrder, events: readonly OrderEvent[]): Append<EventOf<Events>>[] => {
  if (order.status !== "pending" || after(order, events).status === "pending" || !order.slot) return [];
  const { number, version } = order.slot;
  return [new Loaded(slotStream(order.userId, number), version, order.slot).append([{ type: "SlotFreed", data: {} }])];
};

export class OrderCommands {
  private readonly handler: CommandHandler<Events>;
  private readonly slots: Slots;

  constructor(private readonly events: EventStore<Events>) {
    this.handler = new CommandHandler(events);
    this.slots = new Slots(events);
  }

  /** What has happened to an order, and who caused it. */
  async history(id: string): Promise<Caused<Recorded>[]> {
    return (await this.events.history(id)).filter(isOrderEvent);
  }

  /** The order as the log has it now; undefined when there is none. */
  async find(id: string): Promise<Followed | undefined> {
    const { state } = await this.handler.load(orders, id);
    return state.order.status === "absent" ? undefined : known(state);
  }

  /** @throws Refusal ORDER_NOT_FOUND */
  async load(id: string): Promise<Followed> {
    return known((await this.handler.load(orders, id)).state);
  }

  /**
   * Places an order in one of its owner's slots; or finds the one that somebody else has placed with this id meanwhile.
   * @throws Refusal TOO_MANY_PENDING_ORDERS
   */
  async place(id: string, { userId, ...order }: Placed, cause?: Cause): Promise<Once<Followed>> {
    let isRepeated = false;
    const { made, replayed } = await this.handler.createOnce(
      orders,
      id,
      async blank => {
        // Somebody else was at this user's slots.
        if (isRepeated) this.slots.forget(userId);
        isRepeated = true;
        const free = await this.slots.free(userId);
        const slot = { number: free.state, version: free.version + 1 };
        return [
          blank.append([{ type: "OrderPlaced", data: { userId, ...order, slot } }]),
          free.append([{ type: "SlotTaken", data: { orderId: id } }]),
        ];
      },
      { streams: [userId], cause },
    );
    const placed = known(made);
    if (replayed) return { made: placed, replayed };
    if (placed.order.slot) this.slots.note(userId, placed.order.slot);
    return { made: placed, replayed };
  }

  /** Decides on the order as it is, and appends what was decided. @throws Refusal ORDER_NOT_FOUND */
  async change(id: string, decide: (order: KnownOrder) => readonly OrderEvent[], cause?: Cause): Promise<KnownOrder> {
    return (await this.decide(id, async order => decide(order), cause)).order;
  }

  /** As change, with a decision that takes its time; it is repeated when the order has moved on meanwhile. */
  async decide(
    id: string,
    decide: (order: KnownOrder) => Promise<readonly OrderEvent[]>,
    cause?: Cause,
  ): Promise<Followed> {
    const { followed, freed } = await this.handler.handle(
      async work => {
        const loaded = await work.load(orders, id);
        const { order } = known(loaded.state);
        const decided = await decide(order);
        const slots = slotFreed(order, decided);
        const done = await work.commit([loaded.append(decided), ...slots]);
        return { followed: known(done.stateOf(loaded)), freed: slots.length > 0 };
      },
      { cause },
    );
    const { order } = followed;
    if (freed && order.slot) this.slots.note(order.userId, { ...order.slot, version: order.slot.version + 1 });
    return followed;
  }
}

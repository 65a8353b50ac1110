// Orders against the log: loads by replaying, appends at the version that was decided on.
import type { orderEvents } from "../../contracts/orders";
import { decideAgainOnConflict, type EventStore, Loaded, type RecordedOf } from "../../lib/event-store";
import { Refusal } from "../../lib/refusal";
import { evolve, type KnownOrder, noOrder, type OrderEvent, type OrderState } from "./order";

export class OrderBook {
  constructor(
    private readonly events: EventStore<typeof orderEvents>,
    private readonly onChange: (order: KnownOrder) => Promise<void>,
  ) {}

  history(id: string): Promise<RecordedOf<typeof orderEvents>[]> {
    return this.events.getEvents(id);
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

  /** Appends what was decided on `state`. @throws VersionConflict when the order has moved on since */
  async append(id: string, state: OrderState, events: readonly OrderEvent[]): Promise<KnownOrder | undefined> {
    if (events.length === 0) return undefined;
    const commit = await this.events.append([new Loaded(id, state.version, state).append(events)]);
    const order = commit.events.reduce<OrderState>(evolve, state);
    if (order.status === "absent") return undefined;
    await this.onChange(order);
    return order;
  }

  /** Decides on the order as it is now and appends what was decided. */
  change(id: string, decide: (order: KnownOrder) => readonly OrderEvent[]): Promise<KnownOrder> {
    return decideAgainOnConflict(async () => {
      const order = await this.load(id);
      return (await this.append(id, order, decide(order))) ?? order;
    });
  }
}

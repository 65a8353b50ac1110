// Products, SKUs and reservations in their log: loaded by replaying, committed together, shown in the catalogue.
import type { productEvents } from "../../contracts/product-events";
import type { EventOf } from "../../lib/contract";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Append, Loaded } from "../../lib/events/loaded";
import { KeyedLock } from "../../lib/events/keyed-lock";
import type { Catalogue } from "./catalogue";
import { evolve, isProductEvent, noProduct, type ProductState } from "./product";
import * as reservations from "./reservation.rules";

type Event = EventOf<typeof productEvents>;
export type Kept = Extract<Event, { type: "AdjustmentKept" }>["data"] | undefined;

export const skuStream = (sku: string) => `sku:${sku}`;

export class ProductLog {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly events: EventStore<typeof productEvents>,
    private readonly catalogue: Catalogue,
  ) {}

  async product(id: string): Promise<Loaded<ProductState>> {
    const shown = await this.catalogue.find(id);
    return this.events.load(
      id,
      (state, event) => (isProductEvent(event) ? evolve(state, event) : state),
      shown,
      shown.version,
    );
  }

  /** The product as it stood at a version. */
  async productAt(id: string, version: number): Promise<ProductState> {
    const events = await this.events.getEvents(id);
    return events
      .filter(event => event.version <= version)
      .filter(isProductEvent)
      .reduce(evolve, noProduct);
  }

  /** The event with which a product began; undefined when it has not. */
  async creationOf(id: string) {
    const [first] = await this.events.getEvents(id);
    return first?.type === "ProductCreated" ? first : undefined;
  }

  reservation(orderId: string): Promise<Loaded<reservations.Reservation>> {
    return this.events.load<reservations.Reservation>(reservations.reservationStream(orderId), reservations.evolve, {
      status: "none",
    });
  }

  /** Whether some product has the SKU. */
  claim(sku: string): Promise<Loaded<boolean>> {
    return this.events.load(skuStream(sku), (_taken, event) => event.type === "SkuClaimed", false);
  }

  /** What an idempotency key has done, if it has done something. */
  kept(stream: string): Promise<Loaded<Kept>> {
    return this.events.load<Kept>(
      stream,
      (_none, event) => (event.type === "AdjustmentKept" ? event.data : undefined),
      undefined,
    );
  }

  /** All of it or nothing; the catalogue shows it. */
  async commit(appends: readonly Append<Event>[]): Promise<void> {
    const commit = await this.events.append(appends);
    for (const event of commit.events) await this.catalogue.apply(event, async id => (await this.product(id)).state);
  }

  exclusively<T>(keys: readonly string[], attempt: () => Promise<T>): Promise<T> {
    return this.lock.run(keys, () => decideAgainOnConflict(attempt));
  }
}

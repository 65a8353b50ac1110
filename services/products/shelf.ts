// Commands on products against the log: load, decide, append; all streams of one command in one atomic commit.
import type { EventOf } from "../../lib/contract";
import { type Append, decideAgainOnConflict, type EventStore } from "../../lib/event-store";
import { KeyedLock } from "../../lib/keyed-lock";
import { Refusal } from "../../lib/refusal";
import type { Line, productEvents, Reservation as Outcome } from "../../contracts/products";
import type { Catalogue } from "./catalogue";
import { canReserve, type Details, evolve, isProductEvent, type KnownProduct, listed, noProduct, type ProductEvent, type ProductState } from "./product";
import * as reservations from "./reservation";

type Event = EventOf<typeof productEvents>;
const skuStream = (sku: string) => `sku:${sku}`;

export class Shelf {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly events: EventStore<typeof productEvents>,
    private readonly catalogue: Catalogue,
  ) {}

  /** The product as the log has it now. */
  async load(id: string): Promise<ProductState> {
    const shown = await this.catalogue.find(id);
    const newer = await this.events.getEvents(id, shown.version);
    return newer.filter(isProductEvent).reduce(evolve, shown);
  }

  /** Decides on one product and records what was decided. The product afterwards. */
  change(id: string, decide: (state: ProductState) => readonly ProductEvent[]): Promise<ProductState> {
    return this.exclusively([id], async () => {
      const state = await this.load(id);
      const events = decide(state);
      if (events.length > 0) await this.commit([{ stream: id, expectedVersion: state.version, events }]);
      return this.load(id);
    });
  }

  /** @throws Refusal SKU_TAKEN */
  create(products: readonly { id: string; events: readonly ProductEvent[]; details: Details }[]): Promise<void> {
    return this.exclusively(products.map(({ details }) => skuStream(details.sku)), async () => {
      const claims = await Promise.all(products.map(async ({ id, details: { sku } }) => this.claim(skuStream(sku), id)));
      await this.commit([...claims, ...products.map(({ id, events }) => ({ stream: id, expectedVersion: 0, events }))]);
    });
  }

  /**
   * Creates one product. A repeat with the same id finds the first one, as it was created.
   * @throws Refusal SKU_TAKEN, or IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async createOnce(product: { id: string; events: readonly ProductEvent[]; details: Details }): Promise<KnownProduct> {
    const existing = await this.created(product);
    if (existing) return existing;
    try {
      await this.create([product]);
    } catch (error) {
      // Somebody else sent the same request at the same time.
      const theirs = await this.created(product);
      if (theirs) return theirs;
      throw error;
    }
    return listed(await this.load(product.id));
  }

  private async created({ id, details }: { id: string; details: Details }): Promise<KnownProduct | undefined> {
    const [first] = await this.events.getEvents(id);
    if (first?.type !== "ProductCreated") return undefined;
    if (first.data.requestHash !== details.requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
    return listed(evolve(noProduct, first));
  }

  /** Takes a product off sale and frees its SKU for another one. */
  remove(id: string, decide: (state: ProductState) => readonly ProductEvent[]): Promise<void> {
    return this.exclusively([id], async () => {
      const state = await this.load(id);
      const events = decide(state);
      if (state.status === "absent") return;
      const stream = skuStream(state.sku);
      const claims = await this.events.getEvents(stream);
      await this.commit([
        { stream: id, expectedVersion: state.version, events },
        { stream, expectedVersion: claims.length, events: [{ type: "SkuFreed", data: {} }] },
      ]);
    });
  }

  /** do: holds the pieces of all lines or of none, once per order. */
  reserve(orderId: string, lines: readonly Line[]): Promise<Outcome> {
    return this.exclusively([reservations.reservationStream(orderId), ...lines.map(line => line.productId)], async () => {
      const { reservation, version } = await this.reservationOf(orderId);
      if (reservation.status === "closed") return { outcome: "closed" };
      if (reservation.status !== "none") return { outcome: "reserved" };
      const states = await Promise.all(lines.map(line => this.load(line.productId)));
      const short = lines.find((line, index) => !canReserve(states[index] ?? noProduct, line.quantity));
      if (short) return { outcome: "refused", productId: short.productId };
      await this.step(orderId, version, reservations.hold(lines));
      return { outcome: "reserved" };
    });
  }

  /** do: what the order holds becomes sold, once per order. */
  async sell(orderId: string): Promise<"sold" | "closed"> {
    const { status } = await this.follow(orderId, reservations.sell);
    return status === "sold" ? "sold" : "closed";
  }

  /** undo of both: gives back what the order holds or has bought, once per order; a later reserve finds it closed. */
  async release(orderId: string): Promise<void> {
    await this.follow(orderId, reservations.release);
  }

  private async follow(orderId: string, decide: (state: reservations.Reservation) => reservations.Step | null): Promise<reservations.Reservation> {
    const { reservation: seen } = await this.reservationOf(orderId);
    return this.exclusively([reservations.reservationStream(orderId), ...reservations.productsOf(seen)], async () => {
      const { reservation, version } = await this.reservationOf(orderId);
      const step = decide(reservation);
      if (step) await this.step(orderId, version, step);
      return (await this.reservationOf(orderId)).reservation;
    });
  }

  private async step(orderId: string, version: number, { event, moves }: reservations.Step): Promise<void> {
    const appends = moves.map(async ({ productId, event: move }): Promise<Append<Event>> => {
      const { version: expectedVersion } = await this.load(productId);
      return { stream: productId, expectedVersion, events: [move(orderId)] };
    });
    await this.commit([{ stream: reservations.reservationStream(orderId), expectedVersion: version, events: [event] }, ...(await Promise.all(appends))]);
  }

  private async reservationOf(orderId: string): Promise<{ reservation: reservations.Reservation; version: number }> {
    const events = await this.events.getEvents(reservations.reservationStream(orderId));
    return { reservation: events.reduce(reservations.evolve, { status: "none" }), version: events.length };
  }

  private async claim(stream: string, productId: string): Promise<Append<Event>> {
    const claims = await this.events.getEvents(stream);
    if (claims.at(-1)?.type === "SkuClaimed") throw new Refusal("SKU_TAKEN");
    return { stream, expectedVersion: claims.length, events: [{ type: "SkuClaimed", data: { productId } }] };
  }

  private async commit(appends: readonly Append<Event>[]): Promise<void> {
    const commit = await this.events.append(appends);
    for (const event of commit.events) await this.catalogue.apply(event, id => this.load(id));
  }

  private exclusively<T>(keys: readonly string[], attempt: () => Promise<T>): Promise<T> {
    return this.lock.run(keys, () => decideAgainOnConflict(attempt));
  }
}

// Commands on products against the log: load, decide, append; all streams of one command in one atomic commit.
import type { EventOf } from "../../lib/contract";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import { type Append, type Loaded, unwritten } from "../../lib/events/loaded";
import type { Once } from "../../lib/events/idempotency";
import { KeyedLock } from "../../lib/events/keyed-lock";
import { Refusal } from "../../lib/refusal";
import type { Line, productEvents, Reservation as Outcome } from "../../contracts/products";
import type { Catalogue } from "./catalogue";
import {
  canReserve,
  type Details,
  evolve,
  isProductEvent,
  type KnownProduct,
  listed,
  noProduct,
  type ProductEvent,
  type ProductState,
} from "./product.rules";
import * as reservations from "./reservation.rules";

type Event = EventOf<typeof productEvents>;
type Product = Loaded<ProductState>;
type Kept = Extract<Event, { type: "AdjustmentKept" }>["data"] | undefined;
type Reservation = Loaded<reservations.Reservation>;
const skuStream = (sku: string) => `sku:${sku}`;

export class Shelf {
  private readonly lock = new KeyedLock();

  constructor(
    private readonly events: EventStore<typeof productEvents>,
    private readonly catalogue: Catalogue,
  ) {}

  /** The product as the log has it now. */
  async load(id: string): Promise<ProductState> {
    return (await this.product(id)).state;
  }

  /** Decides on one product and records what was decided. The product afterwards. */
  change(id: string, decide: (state: ProductState) => readonly ProductEvent[]): Promise<ProductState> {
    return this.exclusively([id], async () => {
      const product = await this.product(id);
      const events = decide(product.state);
      if (events.length > 0) await this.commit([product.append(events)]);
      return this.load(id);
    });
  }

  /**
   * As change, and once for all requests with the same key, which get the first one's answer: the product as it was
   * after it. The key is kept in the very commit that makes the change, so neither a crash nor a second instance comes
   * in between.
   * @param key the id of the key's stream
   * @throws Refusal IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  changeOnce(
    id: string,
    key: { stream: string; requestHash: string },
    decide: (state: ProductState) => readonly ProductEvent[],
  ): Promise<Once<ProductState>> {
    return this.exclusively([id, key.stream], async () => {
      const kept = await this.events.load<Kept>(
        key.stream,
        (_none, event) => (event.type === "AdjustmentKept" ? event.data : undefined),
        undefined,
      );
      if (kept.state) {
        if (kept.state.requestHash !== key.requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
        return { made: await this.at(kept.state.productId, kept.state.version), replayed: true };
      }
      const product = await this.product(id);
      const events = decide(product.state);
      const version = product.version + events.length;
      const note = { type: "AdjustmentKept" as const, data: { productId: id, requestHash: key.requestHash, version } };
      await this.commit([...(events.length > 0 ? [product.append(events)] : []), kept.append([note])]);
      return { made: await this.at(id, version), replayed: false };
    });
  }

  /** @throws Refusal SKU_TAKEN */
  create(products: readonly { id: string; events: readonly ProductEvent[]; details: Details }[]): Promise<void> {
    return this.exclusively(
      products.map(({ details }) => skuStream(details.sku)),
      async () => {
        const claims = products.map(async ({ id, details: { sku } }): Promise<Append<Event>> => {
          const claim = await this.claim(sku);
          if (claim.state) throw new Refusal("SKU_TAKEN");
          return claim.append([{ type: "SkuClaimed", data: { productId: id } }]);
        });
        await this.commit([
          ...(await Promise.all(claims)),
          ...products.map(({ id, events }) => unwritten(id).append(events)),
        ]);
      },
    );
  }

  /**
   * Creates one product. A repeat with the same id finds the first one, as it was created.
   * @throws Refusal SKU_TAKEN, or IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async createOnce(product: {
    id: string;
    events: readonly ProductEvent[];
    details: Details;
  }): Promise<Once<KnownProduct>> {
    const existing = await this.created(product);
    if (existing) return { made: existing, replayed: true };
    try {
      await this.create([product]);
    } catch (error) {
      // Somebody else sent the same request at the same time.
      const theirs = await this.created(product);
      if (theirs) return { made: theirs, replayed: true };
      throw error;
    }
    return { made: listed(await this.load(product.id)), replayed: false };
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
      const product = await this.product(id);
      const events = decide(product.state);
      if (product.state.status === "absent") return;
      const claim = await this.claim(product.state.sku);
      await this.commit([product.append(events), claim.append([{ type: "SkuFreed", data: {} }])]);
    });
  }

  /** do: holds the pieces of all lines or of none, once per order. */
  reserve(orderId: string, asked: readonly Line[]): Promise<Outcome> {
    const lines = reservations.merged(asked);
    return this.exclusively(
      [reservations.reservationStream(orderId), ...lines.map(line => line.productId)],
      async () => {
        const reservation = await this.reservation(orderId);
        if (reservation.state.status === "closed") return { outcome: "closed" };
        if (reservation.state.status !== "none") return { outcome: "reserved" };
        const products = await Promise.all(lines.map(line => this.product(line.productId)));
        const short = lines.find((line, index) => !canReserve(products[index]?.state ?? noProduct, line.quantity));
        if (short) return { outcome: "refused", productId: short.productId };
        await this.step(orderId, reservation, products, reservations.hold(lines));
        return { outcome: "reserved" };
      },
    );
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

  private async follow(
    orderId: string,
    decide: (state: reservations.Reservation) => reservations.Step | null,
  ): Promise<reservations.Reservation> {
    const { state: seen } = await this.reservation(orderId);
    return this.exclusively([reservations.reservationStream(orderId), ...reservations.productsOf(seen)], async () => {
      const reservation = await this.reservation(orderId);
      const step = decide(reservation.state);
      if (!step) return reservation.state;
      const products = await Promise.all(reservations.productsOf(reservation.state).map(id => this.product(id)));
      await this.step(orderId, reservation, products, step);
      return (await this.reservation(orderId)).state;
    });
  }

  /**
   * Records a step that was decided on this reservation and these products: exactly as they were then, or not at all.
   */
  private async step(
    orderId: string,
    reservation: Reservation,
    products: readonly Product[],
    { event, moves }: reservations.Step,
  ): Promise<void> {
    const moved = moves.map(({ productId, event: move }) => {
      const product = products.find(({ stream }) => stream === productId);
      if (!product) throw new Error(`Nothing was decided about ${productId}.`);
      return product.append([move(orderId)]);
    });
    await this.commit([reservation.append([event]), ...moved]);
  }

  /** The product as it stood at a version. */
  private async at(id: string, version: number): Promise<ProductState> {
    const events = await this.events.getEvents(id);
    return events
      .filter(event => event.version <= version)
      .filter(isProductEvent)
      .reduce(evolve, noProduct);
  }

  private async product(id: string): Promise<Product> {
    const shown = await this.catalogue.find(id);
    return this.events.load(
      id,
      (state, event) => (isProductEvent(event) ? evolve(state, event) : state),
      shown,
      shown.version,
    );
  }

  private reservation(orderId: string): Promise<Reservation> {
    return this.events.load<reservations.Reservation>(reservations.reservationStream(orderId), reservations.evolve, {
      status: "none",
    });
  }

  /** Whether some product has the SKU. */
  private claim(sku: string): Promise<Loaded<boolean>> {
    return this.events.load(skuStream(sku), (_taken, event) => event.type === "SkuClaimed", false);
  }

  private async commit(appends: readonly Append<Event>[]): Promise<void> {
    const commit = await this.events.append(appends);
    for (const event of commit.events) await this.catalogue.apply(event, id => this.load(id));
  }

  private exclusively<T>(keys: readonly string[], attempt: () => Promise<T>): Promise<T> {
    return this.lock.run(keys, () => decideAgainOnConflict(attempt));
  }
}

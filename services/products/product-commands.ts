// Commands on products: all streams of one command (the product, its SKU, an idempotency key) in one atomic commit.
import type { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Cause } from "../../lib/events/metadata";
import type { Once } from "../../lib/events/idempotency";
import type { Append } from "../../lib/events/loaded";
import type { UnitOfWork } from "../../lib/events/unit-of-work";
import { Refusal } from "../../lib/refusal";
import {
  type Details,
  evolve,
  isProductEvent,
  type KnownProduct,
  noProduct,
  type ProductEvent,
  type ProductState,
} from "./product";
import { type Event, type Events, keyedAdjustment, productKind, skuClaim, skuStream } from "./product-streams";
import { listed } from "./product.rules";

type Decide = (state: ProductState) => readonly ProductEvent[];

interface NewProduct {
  id: string;
  events: readonly ProductEvent[];
  details: Details;
}

export class ProductCommands {
  constructor(
    private readonly events: EventStore<Events>,
    private readonly handler: CommandHandler<Events>,
  ) {}

  /** The product as the log has it now. */
  async load(id: string): Promise<ProductState> {
    return (await this.handler.load(productKind, id)).state;
  }

  /** Decides on one product and records what was decided. The product afterwards. */
  async change(id: string, decide: Decide, cause?: Cause): Promise<ProductState> {
    return this.handler.change(productKind, id, decide, { streams: [id], cause });
  }

  /**
   * As change, and once for all requests with the same key, which get the first one's answer: the product as it was
   * after it. The key is kept in the very commit that makes the change, so neither a crash nor a second instance comes
   * in between.
   * @param key the id of the key's stream
   * @throws Refusal IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async changeOnce(
    id: string,
    key: { stream: string; requestHash: string },
    decide: Decide,
    cause?: Cause,
  ): Promise<Once<ProductState>> {
    const { made, kept } = await this.handler.handle(
      async work => {
        const adjustment = await work.load(keyedAdjustment, key.stream);
        if (adjustment.state) return { made: undefined, kept: adjustment.state };
        const product = await work.load(productKind, id);
        const events = decide(product.state);
        const data = { productId: id, requestHash: key.requestHash, version: product.version + events.length };
        const committed = await work.commit([
          product.append(events),
          adjustment.append([{ type: "AdjustmentKept", data }]),
        ]);
        return { made: committed.stateOf(product), kept: data };
      },
      { streams: [id, key.stream], cause },
    );
    if (made) return { made, replayed: false };
    if (kept.requestHash !== key.requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
    return { made: await this.at(kept.productId, kept.version), replayed: true };
  }

  /** All of them or none. @throws Refusal SKU_TAKEN */
  async create(products: readonly NewProduct[]): Promise<void> {
    await this.handler.handle(
      async work => {
        const appends = products.map(async product => [
          await this.claim(work, product),
          work.begin(productKind, product.id).append(product.events),
        ]);
        return work.commit((await Promise.all(appends)).flat());
      },
      { streams: products.map(({ details }) => skuStream(details.sku)) },
    );
  }

  /**
   * Creates one product. A repeat with the same id finds the first one, as it was created.
   * @throws Refusal SKU_TAKEN, or IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async createOnce(product: NewProduct, cause?: Cause): Promise<Once<KnownProduct>> {
    const { id, events, details } = product;
    const { made, replayed } = await this.handler.createOnce(
      productKind,
      id,
      async (blank, work) => [await this.claim(work, product), blank.append(events)],
      { streams: [skuStream(details.sku)], cause },
    );
    if (!replayed) return { made: listed(made), replayed };
    const [first] = await this.events.getEvents(id);
    if (first?.type !== "ProductCreated" || first.data.requestHash !== details.requestHash)
      throw new Refusal("IDEMPOTENCY_KEY_REUSED");
    return { made: listed(evolve(noProduct, first)), replayed };
  }

  /** Takes a product off sale and frees its SKU for another one. */
  async remove(id: string, decide: Decide, cause?: Cause): Promise<void> {
    await this.handler.handle(
      async work => {
        const product = await work.load(productKind, id);
        const events = decide(product.state);
        if (product.state.status === "absent") return;
        const claim = await work.load(skuClaim, skuStream(product.state.sku));
        const freed = claim.append([{ type: "SkuFreed" as const, data: {} }]);
        await work.commit([product.append(events), freed]);
      },
      { streams: [id], cause },
    );
  }

  /** @throws Refusal SKU_TAKEN */
  private async claim(work: UnitOfWork<Events>, { id, details: { sku } }: NewProduct): Promise<Append<Event>> {
    const claim = await work.load(skuClaim, skuStream(sku));
    if (claim.state) throw new Refusal("SKU_TAKEN");
    return claim.append([{ type: "SkuClaimed", data: { productId: id } }]);
  }

  /** The product as it stood at a version. */
  private async at(id: string, version: number): Promise<ProductState> {
    const events = await this.events.getEvents(id);
    return events
      .filter(event => event.version <= version)
      .filter(isProductEvent)
      .reduce(evolve, noProduct);
  }
}

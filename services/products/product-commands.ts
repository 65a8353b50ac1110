// Commands on products against the log: load, decide, append; all streams of one command in one atomic commit.
import type { productEvents } from "../../contracts/product-events";
import type { EventOf } from "../../lib/contract";
import { type Append, unwritten } from "../../lib/events/loaded";
import type { Once } from "../../lib/events/idempotency";
import { Refusal } from "../../lib/refusal";
import { type Details, evolve, type KnownProduct, noProduct, type ProductEvent, type ProductState } from "./product";
import { type ProductLog, skuStream } from "./product-log";
import { listed } from "./product.rules";

type Event = EventOf<typeof productEvents>;

export class ProductCommands {
  constructor(private readonly log: ProductLog) {}

  /** The product as the log has it now. */
  async load(id: string): Promise<ProductState> {
    return (await this.log.product(id)).state;
  }

  /** Decides on one product and records what was decided. The product afterwards. */
  change(id: string, decide: (state: ProductState) => readonly ProductEvent[]): Promise<ProductState> {
    return this.log.exclusively([id], async () => {
      const product = await this.log.product(id);
      const events = decide(product.state);
      if (events.length > 0) await this.log.commit([product.append(events)]);
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
    return this.log.exclusively([id, key.stream], async () => {
      const kept = await this.log.kept(key.stream);
      if (kept.state) {
        if (kept.state.requestHash !== key.requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
        return { made: await this.log.productAt(kept.state.productId, kept.state.version), replayed: true };
      }
      const product = await this.log.product(id);
      const events = decide(product.state);
      const version = product.version + events.length;
      const note = { type: "AdjustmentKept" as const, data: { productId: id, requestHash: key.requestHash, version } };
      await this.log.commit([...(events.length > 0 ? [product.append(events)] : []), kept.append([note])]);
      return { made: await this.log.productAt(id, version), replayed: false };
    });
  }

  /** @throws Refusal SKU_TAKEN */
  create(products: readonly { id: string; events: readonly ProductEvent[]; details: Details }[]): Promise<void> {
    return this.log.exclusively(
      products.map(({ details }) => skuStream(details.sku)),
      async () => {
        const claims = products.map(async ({ id, details: { sku } }): Promise<Append<Event>> => {
          const claim = await this.log.claim(sku);
          if (claim.state) throw new Refusal("SKU_TAKEN");
          return claim.append([{ type: "SkuClaimed", data: { productId: id } }]);
        });
        await this.log.commit([
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
    const creation = await this.log.creationOf(id);
    if (!creation) return undefined;
    if (creation.data.requestHash !== details.requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
    return listed(evolve(noProduct, creation));
  }

  /** Takes a product off sale and frees its SKU for another one. */
  remove(id: string, decide: (state: ProductState) => readonly ProductEvent[]): Promise<void> {
    return this.log.exclusively([id], async () => {
      const product = await this.log.product(id);
      const events = decide(product.state);
      if (product.state.status === "absent") return;
      const claim = await this.log.claim(product.state.sku);
      await this.log.commit([product.append(events), claim.append([{ type: "SkuFreed", data: {} }])]);
    });
  }
}

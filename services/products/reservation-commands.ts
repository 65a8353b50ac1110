// Commands on the stock that an order holds: each takes effect once, in one commit over all its products.
import type { Line } from "../../contracts/common";
import type { Reservation as Outcome } from "../../contracts/products";
import type { CommandHandler } from "../../lib/events/command-handler";
import type { Cause } from "../../lib/events/metadata";
import type { Loaded } from "../../lib/events/loaded";
import type { UnitOfWork } from "../../lib/events/unit-of-work";
import type { ProductState } from "./product";
import { type Events, productKind, reservation, reservationStream } from "./product-streams";
import { canReserve } from "./product.rules";
import { hold, merged, productsOf, release, type Reservation, sell, type Step } from "./reservation.rules";

export class ReservationCommands {
  constructor(private readonly handler: CommandHandler<Events>) {}

  /** do: holds the pieces of all lines or of none, once per order. */
  async reserve(orderId: string, asked: readonly Line[], cause?: Cause): Promise<Outcome> {
    const lines = merged(asked);
    const ids = lines.map(line => line.productId);
    return this.handler.handle<Outcome>(
      async work => {
        const held = await work.loadNew(reservation, reservationStream(orderId));
        if (held.state.status === "closed") return { outcome: "closed" };
        if (held.state.status !== "none") return { outcome: "reserved" };
        const products = await this.load(work, ids);
        const short = products.find(({ state }, index) => !canReserve(state, lines[index]?.quantity ?? 0));
        if (short) return { outcome: "refused", productId: short.stream };
        await this.take(work, orderId, held, products, hold(lines));
        return { outcome: "reserved" };
      },
      { streams: [reservationStream(orderId), ...ids], cause },
    );
  }

  /** do: what the order holds becomes sold, once per order. */
  async sell(orderId: string, cause?: Cause): Promise<"sold" | "closed"> {
    return (await this.follow(orderId, sell, cause)).status === "sold" ? "sold" : "closed";
  }

  /** undo of both: gives back what the order holds or has bought, once per order; a later reserve finds it closed. */
  async release(orderId: string, cause?: Cause): Promise<void> {
    await this.follow(orderId, release, cause);
  }

  private async follow(
    orderId: string,
    decide: (state: Reservation) => Step | null,
    cause: Cause | undefined,
  ): Promise<Reservation> {
    const stream = reservationStream(orderId);
    // Only for whom to wait for: what it is now is seen by the attempt.
    const seen = this.handler.remembered(reservation, stream) ?? (await this.handler.load(reservation, stream)).state;
    return this.handler.handle(
      async work => {
        const held = await work.load(reservation, stream);
        const step = decide(held.state);
        if (!step) return held.state;
        return this.take(work, orderId, held, await this.load(work, productsOf(held.state)), step);
      },
      { streams: [stream, ...productsOf(seen)], cause },
    );
  }

  private load(work: UnitOfWork<Events>, ids: readonly string[]): Promise<Loaded<ProductState>[]> {
    return Promise.all(ids.map(id => work.load(productKind, id)));
  }

  /**
   * Appends a step that was decided on this reservation and these products: exactly as they were then, or not at all.
   */
  private async take(
    work: UnitOfWork<Events>,
    orderId: string,
    held: Loaded<Reservation>,
    products: readonly Loaded<ProductState>[],
    { event, moves }: Step,
  ): Promise<Reservation> {
    const moved = moves.map(({ productId, event: move }) => {
      const product = products.find(({ stream }) => stream === productId);
      if (!product) throw new Error(`Nothing was decided about ${productId}.`);
      return product.append([move(orderId)]);
    });
    const committed = await work.commit([held.append([event]), ...moved]);
    return committed.stateOf(held);
  }
}

// Commands on the stock that an order holds: each takes effect once, in one commit over all its products.
import type { Line } from "../../contracts/common";
import type { Reservation as Outcome } from "../../contracts/products";
import type { Loaded } from "../../lib/events/loaded";
import { noProduct, type ProductState } from "./product";
import type { ProductLog } from "./product-log";
import { canReserve } from "./product.rules";
import * as reservations from "./reservation.rules";

type Product = Loaded<ProductState>;
type Reservation = Loaded<reservations.Reservation>;

export class ReservationCommands {
  constructor(private readonly log: ProductLog) {}

  /** do: holds the pieces of all lines or of none, once per order. */
  reserve(orderId: string, asked: readonly Line[]): Promise<Outcome> {
    const lines = reservations.merged(asked);
    return this.log.exclusively(
      [reservations.reservationStream(orderId), ...lines.map(line => line.productId)],
      async () => {
        const reservation = await this.log.reservation(orderId);
        if (reservation.state.status === "closed") return { outcome: "closed" };
        if (reservation.state.status !== "none") return { outcome: "reserved" };
        const products = await Promise.all(lines.map(line => this.log.product(line.productId)));
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
    const { state: seen } = await this.log.reservation(orderId);
    return this.log.exclusively(
      [reservations.reservationStream(orderId), ...reservations.productsOf(seen)],
      async () => {
        const reservation = await this.log.reservation(orderId);
        const step = decide(reservation.state);
        if (!step) return reservation.state;
        const products = await Promise.all(reservations.productsOf(reservation.state).map(id => this.log.product(id)));
        await this.step(orderId, reservation, products, step);
        return (await this.log.reservation(orderId)).state;
      },
    );
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
    await this.log.commit([reservation.append([event]), ...moved]);
  }
}

// Orders: placed once per key, settled whatever dies, shown to their owner and to admins.
import { orderEvents, orders } from "../../contracts/orders";
import type { IfVersion } from "../../contracts/versions";
import type { Actor } from "../../lib/contract";
import { keyedId, requestHash as hashOf } from "../../lib/events/idempotency";
import { raceTimer } from "../../lib/race";
import { Refusal } from "../../lib/refusal";
import { defineService } from "../../lib/moleculer/service";
import { isSettled } from "./checkout";
import { Driver } from "./checkout-runner";
import {
  evolve,
  isOrderEvent,
  type KnownOrder,
  noOrder,
  type OrderEvent,
  type OrderState,
  type Recorded,
} from "./order";
import { OrderBook } from "./order-commands";
import { atVersion, cancel, deliver, mergeLines, place, refund, ship } from "./order.rules";
import { openEntries } from "./order-entry";
import { OrderList } from "./order-list";
import { refuseRejected, show, showEvent, showEventInFull } from "./order-view.rules";
import { settings } from "./settings";
import { Sweep } from "./sweep";
import { Unsettled } from "./unsettled";

/** Milliseconds that a client waits for its order to settle before it is told "accepted". */
const ANSWER_WITHIN = 4000;
const NO_PROVIDER =
  "PAYMENT_PROVIDER is not set, as it is for the payments service: every order is refused, whatever its payment method.";

export default defineService("orders", orders, {
  settings,
  events: orderEvents,
  readModel: "order-list",
  async open({ settings: given, store, events, logger, now, bus, notices }) {
    const { CURRENCY: currency, ORDER_EXPIRY_MS: expiryMs, PAYMENT_PROVIDER: paymentProvider } = given;
    const entries = await openEntries(store);
    const list = new OrderList(entries);
    const book = new OrderBook(events, order => list.show(order));
    const driver = new Driver(book, bus);
    const sweep = new Sweep({ unsettled: new Unsettled(entries), book, driver, now, expiryMs }, logger);

    /** The order for its owner or an admin; for anybody else it does not exist. */
    const visible = async (id: string, actor: Actor): Promise<KnownOrder> => {
      const order = await book.load(id);
      if (actor.role !== "admin" && order.userId !== actor.id) throw new Refusal("ORDER_NOT_FOUND");
      return order;
    };

    /**
     * Drives the order while the client waits. A fault on the way is not the client's: the order is kept and goes on
     * later.
     */
    const settle = async (id: string): Promise<void> => {
      const advanced = driver.advance(id).then(
        () => undefined,
        () => undefined,
      );
      await raceTimer(advanced, ANSWER_WITHIN, () => undefined);
    };

    /** What the first request was answered, or would have been: the order as it first came to rest. */
    const firstAnswer = async (id: string) => {
      let order: OrderState = noOrder;
      for (const event of await book.history(id)) {
        order = evolve(order, event);
        if (isSettled(order)) return { order: show(order), settled: true };
      }
      return { order: show(await book.load(id)), settled: false };
    };

    const change = async (
      { id, ifVersion }: { id: string; ifVersion?: IfVersion },
      decide: (order: KnownOrder) => OrderEvent[],
    ) => {
      await book.change(id, order => decide(atVersion(order, ifVersion)));
      await settle(id);
      return show(await book.load(id));
    };

    return {
      project: async event => {
        if (isOrderEvent(event) && (await list.versionOf(event.aggregateId)) < event.version)
          await list.show(await book.load(event.aggregateId));
      },
      actions: {
        async place(ctx, actor) {
          const { idempotencyKey, ...request } = ctx.params;
          // One key of one user is one order, also after a crash.
          const id = keyedId("ord", actor.id, idempotencyKey);
          const requestHash = hashOf(request);
          let order = await book.find(id);
          if (order.status === "absent") {
            const ids = mergeLines(request.items).map(line => line.productId);
            const quotes = await ctx.call("products.quote", { ids });
            const { items: lines, shippingAddress, payment } = request;
            const [placed] = place(
              {
                userId: actor.id,
                requestHash,
                attempt: ctx.attempt,
                lines,
                shippingAddress,
                paymentMethod: payment.method,
              },
              quotes,
              { currency, paymentProvider },
            );
            order = await book.place(id, placed.data);
          }
          if (order.requestHash !== requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
          await settle(id);
          const answer = await firstAnswer(id);
          const replayed = order.attempt !== ctx.attempt;
          refuseRejected(answer.order, replayed);
          return { ...answer, ...(replayed ? { replayed } : {}) };
        },
        list: (ctx, actor) => list.list({ ...ctx.params, ...(actor.role === "admin" ? {} : { userId: actor.id }) }),
        get: async (ctx, actor) => show(await visible(ctx.params.id, actor)),
        async events(ctx, actor) {
          const { userId } = await visible(ctx.params.id, actor);
          const view = actor.role === "admin" ? showEventInFull : (event: Recorded) => showEvent(event, userId);
          return (await book.history(ctx.params.id)).map(view);
        },
        async cancel(ctx, actor) {
          await visible(ctx.params.id, actor);
          return change(ctx.params, order => cancel(order, actor.id, ctx.params.reason));
        },
        ship: ctx => change(ctx.params, ship),
        deliver: ctx => change(ctx.params, deliver),
        refund: (ctx, actor) => change(ctx.params, order => refund(order, actor.id, ctx.params.reason)),
        async read(ctx) {
          const order = await book.find(ctx.params.id);
          return order.status === "absent" ? null : show(order);
        },
      },
      started() {
        if (paymentProvider === undefined) notices.push(NO_PROVIDER);
        sweep.start();
      },
      async stopped() {
        await Promise.all([sweep.stop(), driver.stop()]);
      },
    };
  },
});

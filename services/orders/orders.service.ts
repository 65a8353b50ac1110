// Orders: placed once per key, settled whatever dies, shown to their owner and to admins.
import { orderEvents, orders } from "../../contracts/orders";
import type { IfVersion } from "../../contracts/versions";
import type { Actor } from "../../lib/contract";
import { keyedId, requestHash as hashOf } from "../../lib/events/idempotency";
import { messageOf } from "../../lib/errors";
import { ReadModel } from "../../lib/events/read-model";
import { type Origin, ownOrigin } from "../../lib/moleculer/origin";
import { raceTimer } from "../../lib/race";
import { Refusal } from "../../lib/refusal";
import { defineService } from "../../lib/moleculer/service";
import { CheckoutRunner } from "./checkout-runner";
import type { KnownOrder, OrderEvent } from "./order";
import { type Followed, OrderCommands } from "./order-commands";
import { atVersion, cancel, deliver, mergeLines, place, refund, ship } from "./order.rules";
import { orderEntries } from "./order-entry";
import { OrderList } from "./order-list";
import { refuseRejected, show, showEvent, showEventInFull } from "./order-view.rules";
import { settings } from "./settings";
import { Sweep } from "./sweep";
import { Unsettled } from "./unsettled";

/** Milliseconds that a client waits for its order to settle before it is told "accepted". */
const ANSWER_WITHIN_MS = 4000;
const NO_PROVIDER =
  "PAYMENT_PROVIDER is not set, as it is for the payments service: every order is refused, however it is paid.";

export default defineService("orders", orders, {
  settings,
  events: orderEvents,
  readModel: orderEntries,
  // A try that finds nobody there would count as one in vain.
  needs: ["products", "payments"],
  async open({ settings: given, store, events, logger, now, newId, bus, notices }) {
    const { CURRENCY: currency, ORDER_EXPIRY_MS: expiryMs, PAYMENT_PROVIDER: paymentProvider } = given;
    const readModel = await ReadModel.open(store, orderEntries);
    const list = new OrderList(readModel);
    const commands = new OrderCommands(events);
    const runner = new CheckoutRunner(commands);
    const newOrigin = () => ownOrigin(bus, newId("sweep"));
    const sweep = new Sweep(
      { unsettled: new Unsettled(readModel), commands, runner, newOrigin, now, expiryMs },
      logger,
    );

    /** The order for its owner or an admin; for anybody else it does not exist. */
    const visible = async (id: string, actor: Actor): Promise<KnownOrder> => {
      const { order } = await commands.load(id);
      if (actor.role !== "admin" && order.userId !== actor.id) throw new Refusal("ORDER_NOT_FOUND");
      return order;
    };

    /**
     * Takes the order on while the client waits. A fault on the way is not the client's: the order is kept and goes on
     * later.
     */
    const settle = async (id: string, origin: Origin): Promise<Followed> => {
      const advanced = runner.advance(id, origin).catch((error: unknown) => {
        logger.warn(`Order ${id} cannot go on yet:`, messageOf(error));
      });
      return (await raceTimer(advanced, ANSWER_WITHIN_MS, () => undefined)) ?? commands.load(id);
    };

    const change = async (
      ctx: Origin & { readonly params: { id: string; ifVersion?: IfVersion } },
      decide: (order: KnownOrder) => OrderEvent[],
    ) => {
      const { id, ifVersion } = ctx.params;
      await commands.change(id, order => decide(atVersion(order, ifVersion)), ctx);
      return show((await settle(id, ctx)).order);
    };

    return {
      readModel,
      actions: {
        async place(ctx, actor) {
          const { idempotencyKey, ...request } = ctx.params;
          // One key of one user is one order, also after a crash.
          const id = keyedId("ord", actor.id, idempotencyKey);
          const requestHash = hashOf(request);
          let placed = await commands.find(id);
          if (!placed) {
            const ids = mergeLines(request.items).map(line => line.productId);
            const quotes = await ctx.call("products.quote", { ids });
            const { items: lines, shippingAddress, payment } = request;
            const [{ data }] = place(
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
            placed = (await commands.place(id, data, ctx)).made;
          }
          if (placed.order.requestHash !== requestHash) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
          const { order, atRest } = await settle(id, ctx);
          const replayed = order.attempt !== ctx.attempt;
          const answer = { order: show(atRest ?? order), settled: atRest !== undefined };
          refuseRejected(answer.order, replayed);
          return { ...answer, ...(replayed ? { replayed } : {}) };
        },
        list: (ctx, actor) => list.list({ ...ctx.params, ...(actor.role === "admin" ? {} : { userId: actor.id }) }),
        get: async (ctx, actor) => show(await visible(ctx.params.id, actor)),
        async events(ctx, actor) {
          const { userId } = await visible(ctx.params.id, actor);
          const history = await commands.history(ctx.params.id);
          return history.map(event => (actor.role === "admin" ? showEventInFull(event) : showEvent(event, userId)));
        },
        async cancel(ctx, actor) {
          await visible(ctx.params.id, actor);
          return change(ctx, order => cancel(order, actor.id, ctx.params.reason));
        },
        ship: ctx => change(ctx, ship),
        deliver: ctx => change(ctx, deliver),
        refund: (ctx, actor) => change(ctx, order => refund(order, actor.id, ctx.params.reason)),
        async read(ctx) {
          const found = await commands.find(ctx.params.id);
          return found ? show(found.order) : null;
        },
      },
      started() {
        if (paymentProvider === undefined) notices.push(NO_PROVIDER);
        sweep.start();
      },
      async stopped() {
        await Promise.all([sweep.stop(), runner.stop()]);
      },
    };
  },
});

// Products: the catalogue for everyone, changes for admins, stock for orders.
import { productEvents } from "../../contracts/product-events";
import { products } from "../../contracts/products";
import { keyedId, type Once, requestHash } from "../../lib/events/idempotency";
import { ReadModel } from "../../lib/events/read-model";
import { defineService } from "../../lib/moleculer/service";
import { Catalogue } from "./catalogue";
import { catalogueEntries } from "./catalogue-entry";
import { checkCurrency } from "./currency";
import { type Details, type ProductState, show } from "./product";
import { openProducts } from "./open-products";
import { adjustStock, change, create, listed, remove } from "./product.rules";
import { seed, whyNoSample } from "./seed";
import { settings } from "./settings";

const showOnce = ({ made, replayed }: Once<ProductState>) => ({
  ...show(listed(made)),
  ...(replayed ? { replayed } : {}),
});

export default defineService("products", products, {
  settings,
  events: productEvents,
  readModel: catalogueEntries,
  async open({ settings: { CURRENCY: currency, SAMPLE_CATALOGUE: sample }, store, events, newId, notices }) {
    await checkCurrency(currency, events);
    const readModel = await ReadModel.open(store, catalogueEntries);
    const catalogue = new Catalogue(readModel);
    const { commands, reservations } = openProducts(events);
    const newProductId = () => newId("prd");

    return {
      readModel,
      actions: {
        list: ctx => catalogue.list(ctx.params),
        categories: () => catalogue.categories(),
        get: async ctx => show(listed(await commands.load(ctx.params.id))),
        async create(ctx, actor) {
          const { idempotencyKey: key, ...request } = ctx.params;
          const keyed = key === undefined ? {} : { requestHash: requestHash(request) };
          const details: Details = { description: "", images: [], attributes: {}, rating: null, ...request, ...keyed };
          const id = key === undefined ? newProductId() : keyedId("prd", actor.id, key);
          return showOnce(await commands.createOnce({ id, details, events: create(details, currency) }, ctx));
        },
        async change(ctx) {
          const { id, ifVersion, ...changes } = ctx.params;
          return show(listed(await commands.change(id, state => change(state, changes, ifVersion, currency), ctx)));
        },
        async remove(ctx) {
          await commands.remove(ctx.params.id, state => remove(state, ctx.params.ifVersion), ctx);
          return {};
        },
        async adjustStock(ctx, actor) {
          // Not part of what the key stands for: who repeats a request may have read the product again.
          const { idempotencyKey: key, ifVersion, ...request } = ctx.params;
          const decide = (state: ProductState) => adjustStock(state, request.delta, ifVersion);
          if (key === undefined) return show(listed(await commands.change(request.id, decide, ctx)));
          const once = { stream: keyedId("adj", actor.id, key), requestHash: requestHash(request) };
          return showOnce(await commands.changeOnce(request.id, once, decide, ctx));
        },

        async quote(ctx) {
          const states = await Promise.all(ctx.params.ids.map(id => commands.load(id)));
          return states.flatMap(state =>
            state.status === "absent"
              ? []
              : [{ productId: state.id, sku: state.sku, name: state.name, unitPrice: state.price }],
          );
        },
        reserve: ctx => reservations.reserve(ctx.params.orderId, ctx.params.lines, ctx),
        sell: async ctx => ({ outcome: await reservations.sell(ctx.params.orderId, ctx) }),
        async release(ctx) {
          await reservations.release(ctx.params.orderId, ctx);
          return { outcome: "released" };
        },
      },
      async started() {
        if (sample === "no" || (await events.head()) > 0) return;
        const reason = whyNoSample(currency);
        if (reason) notices.push(reason);
        else await seed(commands, newProductId);
      },
    };
  },
});

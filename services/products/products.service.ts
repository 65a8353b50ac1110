// Products: the catalogue for everyone, changes for admins, stock for orders.
import type { ServiceSchema } from "moleculer";
import { type productEvents, products } from "../../contracts/products";
import { EventStore } from "../../lib/events/event-store";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/events/checkpoint";
import { keyedId, type Once, requestHash } from "../../lib/events/idempotency";
import { StartupError } from "../../lib/refusal";
import type { Runtime } from "../../lib/moleculer/runtime";
import { defineService } from "../../lib/moleculer/service";
import { Catalogue } from "./catalogue";
import { adjustStock, change, create, type Details, listed, type ProductState, remove, show } from "./product.rules";
import { seed, whyNoSample } from "./seed";
import { Shelf } from "./product-commands";

const showOnce = ({ made, replayed }: Once<ProductState>) => ({
  ...show(listed(made)),
  ...(replayed ? { replayed } : {}),
});

export const productsService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config } = runtime;
  const store = await runtime.openStore("products");
  const events = await EventStore.open<typeof productEvents>(store, runtime.now);
  const catalogue = await Catalogue.open(store);
  const priced = await catalogue.currency();
  if (priced !== undefined && priced !== config.currency) {
    await store.close();
    throw new StartupError(
      `CURRENCY=${config.currency} does not fit this shop, whose products are priced in ${priced}. Set CURRENCY=${priced}, or start a new shop in another DATA_DIR or database.`,
    );
  }
  const shelf = new Shelf(events, catalogue);
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  const newId = () => runtime.newId("prd");

  return defineService(runtime, "products", products, {
    store,
    events,
    readModel: {
      checkpoint: storedCheckpoint(checkpoints, "catalogue"),
      apply: event => catalogue.apply(event, id => shelf.load(id)),
    },
    actions: {
      list: ctx => catalogue.list(ctx.params),
      categories: () => catalogue.categories(),
      get: async ctx => show(listed(await catalogue.find(ctx.params.id))),
      async create(ctx, actor) {
        const { idempotencyKey: key, ...request } = ctx.params;
        const keyed = key === undefined ? {} : { requestHash: requestHash(request) };
        const details: Details = { description: "", images: [], attributes: {}, rating: null, ...request, ...keyed };
        const id = key === undefined ? newId() : keyedId("prd", actor.id, key);
        return showOnce(await shelf.createOnce({ id, details, events: create(details, config.currency) }));
      },
      async change(ctx) {
        const { id, ifVersion, ...changes } = ctx.params;
        return show(listed(await shelf.change(id, state => change(state, changes, ifVersion, config.currency))));
      },
      async remove(ctx) {
        await shelf.remove(ctx.params.id, state => remove(state, ctx.params.ifVersion));
        return {};
      },
      async adjustStock(ctx, actor) {
        // Not part of what the key stands for: who repeats a request may have read the product again.
        const { idempotencyKey: key, ifVersion, ...request } = ctx.params;
        const decide = (state: ProductState) => adjustStock(state, request.delta, ifVersion);
        if (key === undefined) return show(listed(await shelf.change(request.id, decide)));
        return showOnce(
          await shelf.changeOnce(
            request.id,
            { stream: keyedId("adj", actor.id, key), requestHash: requestHash(request) },
            decide,
          ),
        );
      },

      async quote(ctx) {
        const states = await Promise.all(ctx.params.ids.map(id => catalogue.find(id)));
        return states.flatMap(state =>
          state.status === "absent"
            ? []
            : [{ productId: state.id, sku: state.sku, name: state.name, unitPrice: state.price }],
        );
      },
      reserve: ctx => shelf.reserve(ctx.params.orderId, ctx.params.lines),
      sell: async ctx => ({ outcome: await shelf.sell(ctx.params.orderId) }),
      async release(ctx) {
        await shelf.release(ctx.params.orderId);
        return { outcome: "released" };
      },
    },
    async started() {
      if (!config.sampleCatalogue || (await events.head()) > 0) return;
      const reason = whyNoSample(config.currency);
      if (reason) runtime.notice(reason);
      else await seed(shelf, newId);
    },
  });
};

// Loyalty: counts points from confirmed orders. An example of a service beside the shop's, and of following a feed.
import { Type } from "@sinclair/typebox";
import { defineService } from "../../lib/moleculer/service";
import { type Document, DuplicateKey } from "../../lib/store/store";
import { storeSettings } from "../../lib/store/settings";
import { loyalty } from "./loyalty.contract";
import { type Earning, pointsFrom, worth } from "./loyalty.rules";

type Entry = Earning & Document;

export default defineService("loyalty", loyalty, {
  settings: Type.Object({ ...storeSettings.properties }),
  follows: ["orders"],
  async open({ store }) {
    const earnings = await store.collection<Entry>("earnings", { indexes: [{ fields: ["userId"] }] });
    const count = (orderId: string, counts: boolean) => earnings.update({ _id: orderId }, { $set: { counts } });

    return {
      actions: {
        points: async (_ctx, { id: userId }) => pointsFrom(await earnings.find({ query: { userId } })),
      },
      on: {
        // An event may come again, and then changes nothing: one document an order, whatever comes.
        orders: {
          async OrderPlaced({ aggregateId, data: { userId, total } }) {
            try {
              await earnings.insert({ _id: aggregateId, userId, points: worth(total), counts: false });
            } catch (error) {
              if (!(error instanceof DuplicateKey)) throw error;
            }
          },
          OrderConfirmed: async ({ aggregateId }) => void (await count(aggregateId, true)),
          OrderCancelled: async ({ aggregateId }) => void (await count(aggregateId, false)),
          OrderRefunded: async ({ aggregateId }) => void (await count(aggregateId, false)),
        },
      },
    };
  },
});

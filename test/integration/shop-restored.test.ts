// A shop some of whose files came from a backup: mail, lists and the gateway notice, and each says or does what mends
// it.
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../lib/store/open-store";
import type { CheckpointDocument } from "../../lib/events/checkpoint";
import { repairFeeds } from "../../scripts/feed-repair";
import { rebuildModel } from "../../scripts/model-rebuild";
import { startServices, temporaryFolder } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { pageOf, product } from "../helpers/examples";
import { commit, startGateway } from "../helpers/gateway";
import { tokenMaker } from "../helpers/tokens";

describe("in a shop", () => {
  const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

  const MAIL_STOPS =
    "mail about a restored log stops, tells it with the command that mends it, " +
    "and after that writes what it had left out";
  test(MAIL_STOPS, async () => {
    const dataDir = temporaryFolder();
    const backup = temporaryFolder();
    let [key, productId] = [0, ""];
    const start = async () => {
      const shop = await startServices(["products", "orders", "payments", "mail"], { env: { DATA_DIR: dataDir } });
      const token = await tokenMaker(shop.broker);
      const place = () =>
        shop.call(
          "orders.place",
          {
            idempotencyKey: `k${(key += 1)}`,
            items: [{ productId, quantity: 1 }],
            shippingAddress,
            payment: { method: "sandbox:ok" },
          },
          { token: token("kim") },
        );
      return { shop, token, order: async () => (await place()).order.id };
    };
    const mailed = (order: string) =>
      existsSync(join(dataDir, "outbox")) && readdirSync(join(dataDir, "outbox")).some(name => name.includes(order));
    const repair = (...args: string[]) => repairFeeds(args, service => openStore(service, { DATA_DIR: dataDir }));

    const first = await start();
    const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 99 };
    productId = (await first.shop.call("products.create", mug, { token: first.token("root", "admin") })).id;
    const kept = await first.order();
    await eventually("the mail is written", () => mailed(kept));
    await first.shop.stop();
    cpSync(join(dataDir, "orders"), backup, { recursive: true });

    const second = await start();
    const lost = [await second.order(), await second.order(), await second.order()];
    await eventually("all mails are written", () => lost.every(mailed));
    await second.shop.stop();
    expect(await repair()).toMatch(/^mail has followed orders to \d+, whose newest commit is \d+\.$/);

    rmSync(join(dataDir, "orders"), { recursive: true });
    cpSync(backup, join(dataDir, "orders"), { recursive: true });
    const third = await start();
    const stopped = await eventually("mail has stopped", () =>
      third.shop.logs.find(line => line.startsWith("error") && line.includes("HAS STOPPED")),
    );
    const later = await third.order();
    await expect(third.shop.call("mail.health", {})).rejects.toMatchObject({
      type: "SERVICE_UNAVAILABLE",
      data: { missing: ["orders.feed"] },
    });
    await third.shop.stop();
    expect(mailed(later)).toBe(false);

    const command = /npm run feeds -- (reset mail orders --from \d+)$/.exec(stopped)?.[1]?.split(" ") ?? [];
    expect(await repair(...command)).toMatch(/^mail goes on after commit \d+ of orders\.$/);
    const fourth = await start();
    await eventually("the next mail is written", () => mailed(later));
    await expect(fourth.shop.call("mail.health", {})).resolves.toEqual({});
  });

  const SHOWS_MORE_THAN_ITS_LOG =
    "a read model that shows more than its log has is a failed start that names the command, which mends it";
  test(SHOWS_MORE_THAN_ITS_LOG, async () => {
    const dataDir = temporaryFolder();
    const env = { DATA_DIR: dataDir };
    const create = async (...skus: string[]) => {
      const shop = await startServices(["products"], { env });
      const token = await tokenMaker(shop.broker);
      for (const sku of skus)
        await shop.call(
          "products.create",
          { sku, name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 9 },
          { token: token("root", "admin") },
        );
      await eventually(
        "the product is in the log",
        async () => (await shop.call("products.feed", { after: 0, limit: 1 })).head > 0,
      );
      await shop.stop();
    };
    await create("A", "B");
    const open = (service: string) => openStore(service, env);
    // As if its log, and it alone, had come from a backup.
    const store = await open("products");
    const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
    await checkpoints.update({ _id: "catalogue-1" }, { $set: { position: 99 } });
    await store.close();
    await expect(startServices(["products"], { env })).rejects.toThrow(/npm run rebuild -- products --replace$/);
    await expect(rebuildModel(["products"], open)).rejects.toThrow(/ends at 2 and was followed to 99/);
    expect(await rebuildModel(["products", "--replace"], open, { keptMs: 0 })).toContain("The new one is shown.");
    const shop = await startServices(["products"], { env });
    expect((await shop.call("products.list", {})).items.map(({ sku }) => sku)).toEqual(["A", "B"]);
  });

  test("a gateway forgets what it has ready and follows the new log, with a warning", async () => {
    const gateway = await startGateway();
    let stock = 5;
    gateway.fakes["products.list"] = async () => pageOf({ ...product, stock });
    const read = async () =>
      (await gateway.send("GET /api/products")).json<{ data: { items: { stock: number }[] } }>().data.items[0]?.stock;
    await commit(gateway.products, "prd_1", { type: "StockAdjusted", data: { delta: 1 } });
    await eventually("the gateway is ready", async () => (await gateway.send("GET /health/ready")).status === 200);
    expect(await read()).toBe(5);
    stock = 7;
    Object.defineProperty(gateway.products, "id", { value: "another log" });
    await eventually("the new stock is shown", async () => (await read()) === 7);
    await eventually("the exchange is told", () =>
      gateway.logs.some(line => line.startsWith("warn") && line.includes("The log of products was exchanged")),
    );
  });
});

// The example service beside the shop: it follows the orders' feed, and counts each order once, whatever dies.
import { resolve } from "node:path";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { tokenMaker } from "../helpers/tokens";

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

const PROMISE =
  "a customer's confirmed orders give points, also while the service was away, and refunded ones take them back";
test(PROMISE, async () => {
  const shop = await startServices(["products", "orders", "payments"]);
  const token = await tokenMaker(shop.broker);
  const [kim, admin] = [{ token: token("kim") }, { token: token("root", "admin") }];
  const price = { amount: 1950, currency: "USD" };
  const mug = await shop.call("products.create", { sku: "MUG", name: "Mug", category: "k", price, stock: 9 }, admin);
  const buy = async (key: string, method: "sandbox:ok" | "sandbox:declined" = "sandbox:ok") =>
    shop.call(
      "orders.place",
      {
        idempotencyKey: key,
        items: [{ productId: mug.id, quantity: 2 }],
        shippingAddress,
        payment: { method },
      },
      kim,
    );
  const load = () => shop.broker.loadService(resolve("examples", "loyalty", "loyalty.service"));
  const points = () => runtimeOf(shop.broker).bus.call("loyalty.points", {}, kim);
  const has = (wanted: { points: number; orders: number }) =>
    eventually(
      `the points are ${JSON.stringify(wanted)}`,
      async () => JSON.stringify(await points()) === JSON.stringify(wanted),
    );

  const { order } = await buy("1");
  await expect(buy("2", "sandbox:declined")).rejects.toMatchObject({ type: "PAYMENT_DECLINED" });
  let service = load();
  await shop.broker.waitForServices("loyalty");
  await has({ points: 39, orders: 1 });

  await shop.broker.destroyService(service);
  await buy("3");
  service = load();
  await shop.broker.waitForServices("loyalty");
  await has({ points: 78, orders: 2 });

  await shop.call("orders.ship", { id: order.id }, admin);
  await shop.call("orders.refund", { id: order.id }, admin);
  await has({ points: 39, orders: 1 });
});

// Two processes of a service on one machine, which share its SQLite file: no order is lost when one of them dies.
import type { Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import { eventually } from "../helpers/eventually";
import { describeWithNats } from "../servers";
import { orderFor } from "./client";
import { clusterOf, isReady, runToEnd } from "./processes";
import { World } from "./world";

const LIMIT = 120_000;

describeWithNats("with two processes of orders and of products, and a second gateway", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ script: "cluster", args: ["--scale", "orders=2,products=2,api=2"] });
  }, LIMIT);

  test(
    "either may be killed while orders come in: what was acknowledged is there, and every piece is accounted for",
    async () => {
      const { dataDir, address } = world.shop;
      const { services } = clusterOf(dataDir);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(["orders", "orders-2", "products", "products-2"]));
      const [customer, product] = [await world.customer(), await world.product(500)];
      const order = orderFor([{ productId: product.id, quantity: 1 }]);
      for (const name of ["orders-2", "products", "orders"]) {
        const victim = clusterOf(dataDir).services[name] ?? 0;
        const during = Array.from({ length: 4 }, async () => customer.order(order).catch(() => undefined));
        process.kill(victim, "SIGKILL");
        await Promise.all(during);
        await eventually(
          `${name} is back`,
          async () => clusterOf(dataDir).services[name] !== victim && isReady(address),
        );
        expect((await customer.settledOrder(order)).status).toBe("confirmed");
      }
      const orders = async () =>
        (await customer.get<{ data: Page<Order> }>("/api/orders?expand=items&limit=100")).body.data.items;
      await eventually("every order is settled", async () =>
        (await orders()).every(({ status, payment }) =>
          status === "confirmed" ? payment.status === "captured" : status === "rejected",
        ),
      );
      const sold = (await orders()).filter(({ status }) => status === "confirmed").length;
      await eventually(
        "what is left and what was sold make the whole",
        async () => (await world.left(product)).available + sold === 500,
      );
    },
    LIMIT,
  );

  test("a scale that cannot be understood is a failed start that says what to say", async () => {
    const { code, stderr } = await runToEnd({ script: "cluster", args: ["--scale", "shop=2"] });
    expect([code, stderr]).toEqual([1, expect.stringContaining("There is no service shop")]);
  });
});

// What an admin does with the shop: products, stock, and the later part of an order's life; the same on every shape of
// deployment.
import { randomUUID } from "node:crypto";
import type { Order } from "../../contracts/orders";
import type { Product } from "../../contracts/products";
import { orderFor, type Problem } from "./client";
import type { World } from "./world";

type Data<T> = { data: T };

const products = (world: () => World) => {
  const details = (sku: string) => ({
    sku,
    name: "Mug",
    category: "kitchen",
    price: { amount: 1999, currency: "USD" },
    stock: 7,
    attributes: { colour: "blue" },
  });

  const CREATES =
    "an admin creates a product that everybody sees; its SKU is then taken, and a customer may not create any";
  test(CREATES, async () => {
    const { admin, visitor } = world();
    const sku = randomUUID();
    const created = await admin.post<Data<Product>>("/api/products", details(sku));
    expect([created.status, created.headers.get("location"), created.headers.get("etag")]).toEqual([
      201,
      `/api/products/${created.body.data.id}`,
      expect.any(String),
    ]);
    expect(await visitor.product(created.body.data.id)).toMatchObject({
      ...details(sku),
      available: 7,
      images: [],
      description: "",
    });
    const twin = await admin.post<Problem>("/api/products", details(sku));
    expect([twin.status, twin.body.code]).toEqual([409, "SKU_TAKEN"]);
    const refused = await (await world().customer()).post<Problem>("/api/products", details(randomUUID()));
    expect([refused.status, refused.body.code]).toEqual([403, "FORBIDDEN"]);
  });

  const CHANGES =
    "a change needs the version that was read: without one 428, with an old one 412, and the new price is seen at once";
  test(CHANGES, async () => {
    const { admin, visitor } = world();
    const { id } = await world().product(1, 1000);
    const etag = (await visitor.get(`/api/products/${id}`)).headers.get("etag") ?? "";
    const price = { amount: 1200, currency: "USD" };
    const blind = await admin.patch<Problem>(`/api/products/${id}`, { price });
    expect([blind.status, blind.body.code]).toEqual([428, "PRECONDITION_REQUIRED"]);
    expect((await admin.patch(`/api/products/${id}`, { price }, { "If-Match": etag })).status).toBe(200);
    expect((await visitor.product(id)).price).toEqual(price);
    const stale = await admin.patch<Problem>(`/api/products/${id}`, { price }, { "If-Match": etag });
    expect([stale.status, stale.body.code]).toEqual([412, "PRECONDITION_FAILED"]);
  });

  test("stock goes up and down, and never below nothing", async () => {
    const { admin } = world();
    const product = await world().product(3);
    expect((await admin.post<Data<Product>>(`/api/products/${product.id}/stock`, { delta: 4 })).body.data.stock).toBe(
      7,
    );
    expect(
      (await admin.post<Data<Product>>(`/api/products/${product.id}/stock`, { delta: -7 })).body.data.available,
    ).toBe(0);
    const tooLow = await admin.post<Problem>(`/api/products/${product.id}/stock`, { delta: -1 });
    expect([tooLow.status, tooLow.body.code, await world().left(product)]).toEqual([
      409,
      "STOCK_TOO_LOW",
      { stock: 0, available: 0 },
    ]);
  });

  test("a deleted product is gone, and an order for it is rejected as out of stock", async () => {
    const [customer, product] = [await world().customer(), await world().product(5)];
    expect(
      (await world().admin.send("DELETE", `/api/products/${product.id}`, undefined, { "If-Match": "*" })).status,
    ).toBe(204);
    expect((await world().visitor.get(`/api/products/${product.id}`)).status).toBe(404);
    const order = await customer.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]));
    expect([order.status, order.failure?.code]).toEqual(["rejected", "OUT_OF_STOCK"]);
  });
};

const orders = (world: () => World) => {
  const SHIPS =
    "a paid order is shipped, delivered and refunded; " +
    "under way it cannot be cancelled, and the goods stay with the customer";
  test(SHIPS, async () => {
    const { admin } = world();
    const [customer, product] = [await world().customer(), await world().product(2)];
    const { id } = await customer.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]));
    await customer.orderOnce(id, order => order.payment.status === "captured");
    const step = async (name: string) => {
      const { status, body } = await admin.post<Data<Order>>(`/api/orders/${id}/${name}`);
      return [status, body.data.status];
    };
    const early = await admin.post<Problem>(`/api/orders/${id}/deliver`);
    expect([early.status, early.body.code]).toEqual([409, "ORDER_NOT_DELIVERABLE"]);
    expect(await step("ship")).toEqual([200, "shipped"]);
    const late = await customer.post<Problem>(`/api/orders/${id}/cancel`);
    expect([late.status, late.body.code]).toEqual([409, "ORDER_NOT_CANCELLABLE"]);
    expect(await step("deliver")).toEqual([200, "delivered"]);
    expect(await step("refund")).toEqual([200, "refunded"]);
    await customer.orderOnce(id, order => order.payment.status === "refunded");
    expect(await world().left(product)).toEqual({ stock: 1, available: 1 });
  });

  test("an admin sees everybody's orders; a customer may not ship, and asks for the accounts in vain", async () => {
    const { admin } = world();
    const [customer, product] = [await world().customer(), await world().product(1)];
    const { id } = await customer.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]));
    expect((await admin.readOrder(id)).id).toBe(id);
    expect(
      (await admin.get<Data<{ items: Order[] }>>("/api/orders?limit=100")).body.data.items.map(order => order.id),
    ).toContain(id);
    for (const answer of [
      await customer.post<Problem>(`/api/orders/${id}/ship`),
      await customer.get<Problem>("/api/users"),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, "FORBIDDEN"]);
    }
  });
};

/** The admin's scenarios, on the world that is there when they run. */
export const adminJourney = (world: () => World): void => {
  for (const scenarios of [products, orders]) scenarios(world);
};

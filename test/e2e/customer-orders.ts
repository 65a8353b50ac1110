// What a customer does with orders: places them, repeats them, cancels them, and is refused.
import { randomUUID } from "node:crypto";
import type { Order } from "../../contracts/orders";
import { type Client, orderFor, placedIn, type Problem } from "./client";
import { eventually } from "../helpers/eventually";
import type { World } from "./world";

export const ordering = (world: () => World) => {
  const ORDERS =
    "an order for two products is confirmed and paid, stock is lower, a mail is written, and the events can be read";
  test(ORDERS, async () => {
    const [customer, one, two] = [
      await world().customer(),
      await world().product(10, 1500),
      await world().product(5, 250),
    ];
    const { status, headers, body } = await customer.orderToTheEnd(
      orderFor([
        { productId: one.id, quantity: 2 },
        { productId: two.id, quantity: 3 },
      ]),
    );
    const order = body.data;
    expect([status, order.status, order.payment.status, order.total]).toEqual([
      201,
      "confirmed",
      "captured",
      { amount: 3750, currency: "USD" },
    ]);
    expect(headers.get("location")).toBe(`/api/orders/${order.id}`);
    expect([await world().left(one), await world().left(two)]).toEqual([
      { stock: 8, available: 8 },
      { stock: 2, available: 2 },
    ]);
    await eventually("a mail about the order", async () => (await world().mailsAbout(order.id)).length > 0);
    expect(await customer.readOrder(order.id)).toEqual(order);
    const events = await customer.events(order.id);
    expect(events.map(event => event.version)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]).toMatchObject({ type: "OrderPlaced", aggregateId: order.id });
    expect(events.map(event => event.type)).toEqual(
      expect.arrayContaining(["StockReserved", "PaymentAuthorized", "OrderConfirmed", "StockSold", "PaymentCaptured"]),
    );
  });

  const REPEATS =
    "the same key gives the same order and the same answer; with another body it is refused, without a key too";
  test(REPEATS, async () => {
    const [customer, product] = [await world().customer(), await world().product(10)];
    const key = randomUUID();
    const first = await customer.orderToTheEnd(orderFor([{ productId: product.id, quantity: 1 }]), key);
    const again = await customer.orderToTheEnd(orderFor([{ productId: product.id, quantity: 1 }]), key);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(await world().left(product)).toEqual({ stock: 9, available: 9 });
    const other = await customer.post<Problem>("/api/orders", orderFor([{ productId: product.id, quantity: 2 }]), {
      "Idempotency-Key": key,
    });
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    const without = await customer.post<Problem>("/api/orders", orderFor([{ productId: product.id, quantity: 1 }]));
    expect([without.status, without.body.code]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
  });

  test("a cancelled order gives back its stock and its money", async () => {
    const [customer, product] = [await world().customer(), await world().product(4)];
    const { id } = await customer.settledOrder(orderFor([{ productId: product.id, quantity: 4 }]));
    expect((await customer.post(`/api/orders/${id}/cancel`, { reason: "changed my mind" })).status).toBe(200);
    const order = await customer.orderOnce(
      id,
      ({ payment }) => payment.status === "refunded" || payment.status === "voided",
    );
    expect(order.status).toBe("cancelled");
    expect(await world().left(product)).toEqual({ stock: 4, available: 4 });
  });
};

/**
 * The order that was placed and refused; a repeat of its key gets the same answer, and both say where it can be read.
 */
const rejected = async (customer: Client, request: object, problem: object): Promise<Order> => {
  const key = randomUUID();
  const [answer, again] = [await customer.orderToTheEnd(request, key), await customer.orderToTheEnd(request, key)];
  expect(answer.body).toMatchObject({ success: false, orderId: expect.any(String), ...problem });
  expect([again.status, again.body]).toEqual([answer.status, answer.body]);
  expect(answer.headers.get("location")).toBe(`/api/orders/${placedIn(answer)}`);
  return customer.readOrder(placedIn(answer) ?? "");
};

export const refusals = (world: () => World) => {
  test("an order for more than there is ends rejected, names the product, and holds nothing", async () => {
    const [customer, plenty, few] = [await world().customer(), await world().product(10), await world().product(2)];
    const request = orderFor([
      { productId: plenty.id, quantity: 1 },
      { productId: few.id, quantity: 3 },
    ]);
    const order = await rejected(customer, request, { status: 409, code: "OUT_OF_STOCK", productId: few.id });
    expect([order.status, order.failure]).toEqual(["rejected", { code: "OUT_OF_STOCK", productId: few.id }]);
    expect([await world().left(plenty), await world().left(few)]).toEqual([
      { stock: 10, available: 10 },
      { stock: 2, available: 2 },
    ]);
  });

  test("an order whose payment is declined ends rejected and holds nothing", async () => {
    const [customer, product] = [await world().customer(), await world().product(3)];
    const request = orderFor([{ productId: product.id, quantity: 3 }], "sandbox:declined");
    const order = await rejected(customer, request, { status: 402, code: "PAYMENT_DECLINED" });
    expect([order.status, order.failure?.code, order.payment.status]).toEqual([
      "rejected",
      "PAYMENT_DECLINED",
      "declined",
    ]);
    await eventually("the stock is back", async () => (await world().left(product)).available === 3);
  });

  test("a payment whose answer was lost is settled by asking again", async () => {
    const [customer, product] = [await world().customer(), await world().product(3)];
    const { id } = await customer.settledOrder(
      orderFor([{ productId: product.id, quantity: 1 }], "sandbox:timeout-then-ok"),
    );
    const order = await customer.orderOnce(id, ({ payment }) => payment.status === "captured");
    expect(order.status).toBe("confirmed");
    await eventually("the piece is sold", async () => (await world().left(product)).stock === 2);
  });

  test("an unknown product is named in the refusal", async () => {
    const answer = await (
      await world().customer()
    ).post<Problem>("/api/orders", orderFor([{ productId: "prd_unknown", quantity: 1 }]), {
      "Idempotency-Key": randomUUID(),
    });
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "/items/0/productId"]);
  });

  test("another customer's order cannot be seen, followed or cancelled", async () => {
    const [owner, other, product] = [await world().customer(), await world().customer(), await world().product(1)];
    const { id } = await owner.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]));
    for (const answer of [
      await other.get<Problem>(`/api/orders/${id}`),
      await other.get<Problem>(`/api/orders/${id}/events`),
      await other.post<Problem>(`/api/orders/${id}/cancel`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, "ORDER_NOT_FOUND"]);
    }
    expect((await other.get<{ data: { total: number } }>("/api/orders")).body.data.total).toBe(0);
    expect((await owner.get<{ data: { total: number } }>("/api/orders")).body.data.total).toBe(1);
  });
};

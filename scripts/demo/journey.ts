// The main job from the first visit to a cancelled order, and two orders that are rejected.
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Order } from "../../contracts/orders";
import type { Product } from "../../contracts/products";
import { Unexpected, type Visitor } from "./visitor";

const LOOKS = 60;
const LOOK_EVERY = 500;

type Data<T> = { data: T };

const expectThat = (fact: boolean, otherwise: string) => {
  if (!fact) throw new Unexpected(otherwise);
};

const productPart = ({ data }: Data<Product>) => ({
  id: data.id,
  name: data.name,
  price: data.price,
  stock: data.stock,
  available: data.available,
});
type OrderPart = ReturnType<typeof orderPart>;
const orderPart = ({ data }: Data<Order>) => ({
  id: data.id,
  status: data.status,
  total: data.total,
  payment: data.payment,
  ...(data.failure ? { failure: data.failure } : {}),
});

const problemPart = ({ code, error, orderId }: Record<"code" | "error" | "orderId", string>) => ({
  code,
  error,
  orderId,
});

/** An order that is not settled when it is answered (202) is looked at until it is. */
const placeOrder = async (
  visitor: Visitor,
  what: string,
  request: unknown,
  key: string = randomUUID(),
): Promise<OrderPart> => {
  let order = await visitor.does(what, "POST", "/api/orders", [201, 202], orderPart, request, key);
  for (let look = 0; order.status === "pending" && look < LOOKS; look += 1) {
    await setTimeout(LOOK_EVERY);
    order = await visitor.does("See how it goes on", "GET", `/api/orders/${order.id}`, 200, orderPart);
  }
  return order;
};

/** @throws Unexpected when something is not as promised */
export const journey = async (visitor: Visitor): Promise<void> => {
  const email = `kim-${randomUUID().slice(0, 8)}@example.com`;
  const password = "correct horse battery staple";
  const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
  const orderFor = (items: { productId: string; quantity: number }[], method = "sandbox:ok") => ({
    items,
    shippingAddress,
    payment: { method },
  });
  const look = (id: string, what: string) => visitor.does(what, "GET", `/api/products/${id}`, 200, productPart);

  await visitor.does("Register", "POST", "/api/users/register", 201, ({ user }: { user: object }) => user, {
    email,
    password,
    name: "Kim",
  });
  await visitor.does(
    "Sign in",
    "POST",
    "/api/users/login",
    200,
    ({ token, expiresIn }: { token: string; expiresIn: number }) => {
      visitor.token = token;
      return { token: `${token.slice(0, 24)}…`, expiresIn };
    },
    { email, password },
  );
  await visitor.does("Read the profile", "GET", "/api/users/profile", 200, ({ user }: { user: object }) => user);
  await visitor.does("See the categories", "GET", "/api/products/categories", 200, ({ data }: Data<object[]>) =>
    data.slice(0, 4),
  );
  const [first, second] = await visitor.does(
    "Browse",
    "GET",
    "/api/products?page=1&limit=20&inStock=true",
    200,
    ({ data }: Data<{ items: Product[] }>) =>
      data.items.filter(item => item.available >= 3 && item.available < 1000).slice(0, 2),
  );
  if (!first || !second)
    throw new Unexpected("The shop has no two products with three pieces each: start one with the sample catalogue.");
  const before = await look(first.id, "Read a product");

  const key = randomUUID();
  const request = orderFor([
    { productId: first.id, quantity: 2 },
    { productId: second.id, quantity: 1 },
  ]);
  const order = await placeOrder(visitor, "Order two products", request, key);
  expectThat(
    order.status === "confirmed" && order.payment.status === "captured",
    "The order was not confirmed and paid.",
  );
  const sold = await look(first.id, "See that stock is lower");
  expectThat(sold.available === before.available - 2, "The stock is not two pieces lower.");
  await visitor.does(
    "Read the order's events",
    "GET",
    `/api/orders/${order.id}/events`,
    200,
    ({ data }: Data<{ version: number; type: string }[]>) => data.map(event => `${event.version} ${event.type}`),
  );
  const again = await placeOrder(visitor, "Send the same order again, with the same key", request, key);
  expectThat(again.id === order.id, "The same key made another order.");
  const cancelled = await visitor.does("Cancel it", "POST", `/api/orders/${order.id}/cancel`, 200, orderPart, {
    reason: "only a demo",
  });
  expectThat(
    cancelled.status === "cancelled" && cancelled.payment.status === "refunded",
    "The order was not cancelled, or the money did not come back.",
  );
  const back = await look(first.id, "See that the stock is back");
  expectThat(back.available === before.available, "The stock is not back.");
  const card = orderFor([{ productId: first.id, quantity: 1 }], "sandbox:declined");
  const declined = await visitor.does(
    "Order with a card that is declined",
    "POST",
    "/api/orders",
    402,
    problemPart,
    card,
    randomUUID(),
  );
  await visitor.does("Read the order that was rejected", "GET", `/api/orders/${declined.orderId}`, 200, orderPart);
  const tooMany = orderFor([{ productId: first.id, quantity: back.available + 1 }]);
  const short = await visitor.does(
    "Order more than there is",
    "POST",
    "/api/orders",
    409,
    problemPart,
    tooMany,
    randomUUID(),
  );
  expectThat(
    declined.code === "PAYMENT_DECLINED" && short.code === "OUT_OF_STOCK",
    "The orders were rejected for other reasons.",
  );
  const after = await look(first.id, "See that nothing is held");
  expectThat(after.available === before.available && after.stock === before.stock, "Something is still held.");
};

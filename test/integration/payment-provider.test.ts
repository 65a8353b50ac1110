// Play money in production: refused at the order too, for payments may run elsewhere, with another environment.
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { ask } from "../helpers/http";
import { tokenMaker } from "../helpers/tokens";

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 10 };

let serial = 0;

/** A shop whose payments play and whose orders are in production, with these settings of their own. */
const open = async (env: Readonly<Record<string, string>>) => {
  const network = `payment-provider-${(serial += 1)}`;
  const play = await startServices(["api", "products", "payments"], { network });
  const production = { NODE_ENV: "production", SERVICES: "orders", NATS_URL: "nats://127.0.0.1:1", ...env };
  const orders = await startServices(["orders"], { network, env: production });
  const token = await tokenMaker(play.broker);
  await play.broker.waitForServices("orders");
  await orders.broker.waitForServices(["users", "products", "payments"]);
  const product = await play.call("products.create", mug, { token: token("root", "admin") });
  const order = (method: string) => {
    const body = { items: [{ productId: product.id, quantity: 1 }], shippingAddress, payment: { method } };
    const headers = { "idempotency-key": `key-${(serial += 1)}` };
    return ask(runtimeOf(play.broker).address ?? "", "POST /api/orders", { body, headers, token: token("kim") });
  };
  const available = async () => (await play.call("products.get", { id: product.id })).available;
  return { order, available, notices: orders.notices };
};

const NO_PROVIDER =
  "orders in production that no provider was named for take no sandbox money, and hold no pieces for it";
test(NO_PROVIDER, async () => {
  const { order, available, notices } = await open({});
  for (const method of ["sandbox:ok", "sandbox:unreachable"]) {
    const answer = await order(method);
    expect([answer.status, answer.json()]).toEqual([
      422,
      expect.objectContaining({
        code: "VALIDATION_FAILED",
        errors: [{ path: "/payment/method", code: "PAYMENT_METHOD_NOT_TAKEN", message: expect.any(String) as string }],
      }),
    ]);
  }
  expect(await available()).toBe(10);
  expect(notices).toEqual([expect.stringMatching(/^PAYMENT_PROVIDER is not set/)]);
});

test("they do when the sandbox is named", async () => {
  const { order, available, notices } = await open({ PAYMENT_PROVIDER: "sandbox" });
  expect((await order("sandbox:ok")).status).toBe(201);
  expect([await available(), notices]).toEqual([9, []]);
});

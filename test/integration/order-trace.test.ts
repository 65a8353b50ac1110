// A client's trace (W3C Trace Context) goes with its request through all services, into what they record.
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { ask } from "../helpers/http";
import { ADMIN, peopleOf } from "../helpers/users";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

test("an order's events tell admins the trace of the request that caused them, if it is a trace", async () => {
  const shop = await startServices(["users", "products", "orders", "payments", "api"], { env: ADMIN });
  const address = runtimeOf(shop.broker).address ?? "";
  const admin = await peopleOf(shop).loginAdmin();
  const { token } = await peopleOf(shop).register();
  const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 9 };
  const { id: productId } = await shop.call("products.create", mug, { token: admin });
  const body = { items: [{ productId, quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } };
  const tracesOf = async (traceparent: string) => {
    const headers = { "Idempotency-Key": traceparent, traceparent };
    const placed = await ask(address, "POST /api/orders", { token, body, headers });
    const { id } = placed.json<{ data: { id: string } }>().data;
    const told = await ask(address, `GET /api/orders/${id}/events`, { token: admin });
    const events = told.json<{ data: { metadata?: { traceparent?: string } }[] }>().data;
    return new Set(events.map(({ metadata }) => metadata?.traceparent));
  };
  expect(await tracesOf(TRACE)).toEqual(new Set([TRACE]));
  const none = new Set([undefined]);
  for (const bad of [
    "1",
    TRACE.toUpperCase(),
    `ff${TRACE.slice(2)}`,
    TRACE.replace(/00f067aa0ba902b7/, "0".repeat(16)),
  ])
    expect(await tracesOf(bad)).toEqual(none);
});

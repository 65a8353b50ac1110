// What an action may refuse with is part of its contract: nothing else reaches a client, and a broken promise is
// logged.
import { Refusal } from "../../lib/refusal";
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});

const codeOf = async (line: string, body?: unknown) => {
  const answer = await gateway.send(line, { body, token: gateway.token("usr_1", "admin") });
  return [answer.status, answer.json().code];
};
const logged = (text: string) => gateway.logs.filter(line => line.startsWith("error") && line.includes(text));

test("a refusal that the contract names reaches the client, and is no fault", async () => {
  gateway.fakes["orders.ship"] = async () => {
    throw new Refusal("ORDER_NOT_SHIPPABLE", { orderStatus: "pending" });
  };
  expect(await codeOf("POST /api/orders/ord_1/ship")).toEqual([409, "ORDER_NOT_SHIPPABLE"]);
  expect(logged("ORDER_NOT_SHIPPABLE")).toEqual([]);
});

test("one that the contract does not name is our fault: 500, and the log says which promise is missing", async () => {
  gateway.fakes["orders.ship"] = async () => {
    throw new Refusal("SKU_TAKEN");
  };
  expect(await codeOf("POST /api/orders/ord_1/ship")).toEqual([500, "INTERNAL"]);
  expect(logged("orders.ship refused with SKU_TAKEN, which its contract does not name")).toHaveLength(1);
});

test("another service's refusal does not pass through an action that does not name it", async () => {
  gateway.fakes["products.reserve"] = async () => {
    throw new Refusal("VALIDATION_FAILED", { errors: [{ path: "/lines/0", code: "INVALID" }] });
  };
  gateway.fakes["payments.capture"] = async () => {
    throw new Refusal("PAYMENT_NOT_AUTHORIZED");
  };
  gateway.fakes["orders.deliver"] = async () => gateway.broker.call("payments.capture", { orderId: "ord_1" });
  expect(await codeOf("POST /api/orders/ord_1/deliver")).toEqual([500, "INTERNAL"]);
  gateway.fakes["orders.deliver"] = async () =>
    gateway.broker.call("products.reserve", { orderId: "ord_1", lines: [] });
  expect(await codeOf("POST /api/orders/ord_1/deliver")).toEqual([500, "INTERNAL"]);
  expect(logged("orders.deliver failed: its call was refused")).toHaveLength(2);
});

test.each([
  ["UNAUTHENTICATED", 401],
  ["FORBIDDEN", 403],
  ["SERVICE_UNAVAILABLE", 503],
] as const)("%s comes with an admin's action and need not be named", async (code, status) => {
  gateway.fakes["users.list"] = async () => {
    throw new Refusal(code);
  };
  expect(await codeOf("GET /api/users")).toEqual([status, code]);
});

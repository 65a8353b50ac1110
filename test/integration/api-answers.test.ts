// What each route answers: status, body, and the headers that say what a client may do with it.
import { order, orderSummary, product, shippingAddress, user } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);

const signIn = { success: true, user, token: "t", refreshToken: "r", expiresIn: 900 };
const page = <T>(item: T) => ({
  success: true,
  data: { items: [item], page: 1, limit: 10, total: 1, pages: 1, nextCursor: null },
});
const account = { email: "kim@example.com", password: "correct horse", name: "Kim" };
const draft = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 1999, currency: "USD" }, stock: 5 };
const basket = { items: [{ productId: "prd_1", quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } };
const match = { "if-match": `"3"` };

test.each<[line: string, body: unknown, headers: Record<string, string>, status: number, answer: unknown]>([
  ["POST /api/users/register", account, {}, 201, signIn],
  ["POST /api/users/login", { email: account.email, password: account.password }, {}, 200, signIn],
  ["POST /api/users/refresh", { refreshToken: "r" }, {}, 200, signIn],
  ["POST /api/users/logout", undefined, {}, 204, undefined],
  ["GET /api/users/profile", undefined, {}, 200, { success: true, user }],
  ["PATCH /api/users/profile", { name: "Kim" }, {}, 200, { success: true, user }],
  ["POST /api/users/password", { currentPassword: "a", newPassword: "long enough" }, {}, 204, undefined],
  ["GET /api/users?page=1&limit=10", undefined, {}, 200, page(user)],
  ["GET /api/users/usr_1", undefined, {}, 200, { success: true, user }],
  ["PATCH /api/users/usr_1", { disabled: true }, {}, 200, { success: true, user }],
  ["GET /api/products", undefined, {}, 200, page(product)],
  ["GET /api/products/categories", undefined, {}, 200, { success: true, data: [{ category: "kitchen", count: 1 }] }],
  ["GET /api/products/prd_1", undefined, {}, 200, { success: true, data: product }],
  ["POST /api/products", draft, {}, 201, { success: true, data: product }],
  ["PATCH /api/products/prd_1", { name: "Mug" }, match, 200, { success: true, data: product }],
  ["DELETE /api/products/prd_1", undefined, match, 204, undefined],
  ["POST /api/products/prd_1/stock", { delta: -1 }, {}, 200, { success: true, data: product }],
  ["POST /api/orders", basket, { "idempotency-key": "k" }, 201, { success: true, data: order }],
  ["GET /api/orders?status=confirmed", undefined, {}, 200, page(orderSummary)],
  ["GET /api/orders/ord_1", undefined, {}, 200, { success: true, data: order }],
  ["GET /api/orders/ord_1/events", undefined, {}, 200, { success: true, data: [] }],
  ["POST /api/orders/ord_1/cancel", { reason: "late" }, {}, 200, { success: true, data: order }],
  ["POST /api/orders/ord_1/ship", undefined, {}, 200, { success: true, data: order }],
  ["POST /api/orders/ord_1/deliver", undefined, {}, 200, { success: true, data: order }],
  ["POST /api/orders/ord_1/refund", {}, {}, 200, { success: true, data: order }],
  ["GET /health/live", undefined, {}, 200, { success: true, status: "live" }],
  ["GET /health/ready", undefined, {}, 200, { success: true, status: "ready", degraded: ["mail"] }],
])("%s", async (line, body, headers, status, expected) => {
  const answer = await send(line, {
    body,
    headers,
    token: gateway.token("usr_1", "admin", `ses-${line.replaceAll(/\W/g, "_")}`),
  });
  expect(answer.status).toBe(status);
  if (expected === undefined) expect([answer.text, answer.headers["content-type"]]).toEqual(["", undefined]);
  else expect(answer.json()).toEqual(expected);
});

test("what was created says where it is and which version", async () => {
  const created = await send("POST /api/products", { body: draft, token: gateway.token("usr_1", "admin") });
  expect([created.headers.location, created.headers.etag]).toEqual(["/api/products/prd_1", `"3"`]);
});

test("an order that is not settled yet is 202 with the place to look", async () => {
  const settled = gateway.fakes["orders.place"];
  gateway.fakes["orders.place"] = async () => ({ order: { ...order, status: "pending" }, settled: false });
  const answer = await send("POST /api/orders", {
    body: basket,
    headers: { "idempotency-key": "k" },
    token: gateway.token("usr_1"),
  });
  gateway.fakes["orders.place"] = settled;
  expect(answer.headers["retry-after"]).toBe("1");
  expect([answer.status, answer.headers.location, answer.json<{ data: { status: string } }>().data.status]).toEqual([
    202,
    "/api/orders/ord_1",
    "pending",
  ]);
});

test("a single resource has its version for an ETag, and 304 for who has it", async () => {
  const token = gateway.token("usr_1");
  for (const [line, etag] of [
    ["GET /api/products/prd_1", `"3"`],
    ["GET /api/orders/ord_1", `"7"`],
  ] as const) {
    expect((await send(line, { token })).headers.etag).toBe(etag);
    const unchanged = await send(line, { token, headers: { "if-none-match": `"0", W/${etag}` } });
    expect([
      unchanged.status,
      unchanged.text,
      unchanged.headers.etag,
      unchanged.headers["content-type"],
      unchanged.headers["content-length"],
    ]).toEqual([304, "", etag, undefined, undefined]);
    expect((await send(line, { token, headers: { "if-none-match": `"0"` } })).status).toBe(200);
  }
});

test("only public answers may be kept by others, and only to ask again", async () => {
  const token = gateway.token("usr_1", "admin");
  const cacheControl = async (line: string, asked = {}) =>
    (await send(line, { token, ...asked })).headers["cache-control"];
  expect(await cacheControl("GET /api/products")).toBe("no-cache");
  expect(await cacheControl("GET /.well-known/jwks.json")).toBe("public, max-age=300");
  for (const line of ["GET /api/users/profile", "GET /api/orders", "POST /api/users/logout", "GET /api/orders/%24"])
    expect(await cacheControl(line)).toBe("no-store");
  expect(await cacheControl("POST /api/users/login", { body: { email: account.email, password: "x" } })).toBe(
    "no-store",
  );
});

test("the JWK set is bare, and OpenAPI is a document", async () => {
  expect((await send("GET /.well-known/jwks.json")).json()).toEqual({
    keys: [expect.objectContaining({ kty: "EC", kid: "k1" })],
  });
  const openApi = await send("GET /openapi.json");
  expect([openApi.json().openapi, openApi.headers["content-type"]]).toEqual([
    "3.1.0",
    "application/json; charset=utf-8",
  ]);
  expect((await send("GET /openapi.json", { headers: { "if-none-match": openApi.headers.etag ?? "" } })).status).toBe(
    304,
  );
});

// Headers that every answer has: the request's id, what browsers may make of it, and which origins may read it.
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { CORS_ORIGINS: "https://shop.example.com" } });
});
beforeEach(() => {
  gateway.calls.length = 0;
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);

describe("X-Request-ID", () => {
  test.each([
    "GET /health/live",
    "GET /api/products",
    "GET /nowhere",
    "PUT /api/products",
    "OPTIONS /api/products",
    "GET /api/orders",
    "GET /api/products/%zz",
  ])("stands on the answer to %s, and is the caller's if that is sound", async line => {
    for (let times = 0; times < 2; times += 1) {
      expect((await send(line, { headers: { "x-request-id": "mine-1" } })).headers["x-request-id"]).toBe("mine-1");
      const unsound = (
        await send(line, { headers: { "x-request-id": "not mine", "x-correlation-id": "x".repeat(500) } })
      ).headers["x-request-id"];
      expect(unsound).toMatch(/^[a-z0-9-]{14,64}$/);
    }
  });
  test("goes along to the services", async () => {
    await send("GET /api/orders/ord_1", {
      token: gateway.token("usr_1"),
      headers: { "x-request-id": "trace-7", "x-correlation-id": "another" },
    });
    expect(gateway.calls).toEqual([expect.objectContaining({ action: "orders.get", requestId: "trace-7" })]);
  });
});

test("every answer says what may be made of it", async () => {
  for (const line of [
    "GET /api/products",
    "GET /api/products",
    "GET /health/live",
    "GET /nowhere",
    "POST /api/users/login",
    "OPTIONS /api/products",
    "GET /api/products/%zz",
  ]) {
    expect((await send(line)).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
  }
});

describe("CORS", () => {
  test("without CORS_ORIGINS nobody gets leave", async () => {
    const plain = await startGateway();
    for (const line of ["GET /api/products", "GET /api/products", "GET /nowhere", "OPTIONS /api/products"]) {
      const { headers } = await plain.send(line, { headers: { origin: "https://shop.example" } });
      expect([headers["access-control-allow-origin"], headers.vary]).toEqual([undefined, undefined]);
    }
  });
  test("another origin gets the answer without leave to read it", async () => {
    const answer = await send("GET /api/products", { headers: { origin: "https://shop.example.co" } });
    expect([answer.status, answer.headers["access-control-allow-origin"], answer.headers.vary]).toEqual([
      200,
      undefined,
      "Origin",
    ]);
  });
  test("an allowed one gets leave, also on problems and ready answers", async () => {
    for (const line of ["GET /api/products", "GET /api/products", "GET /api/orders", "GET /nowhere"]) {
      const { headers } = await send(line, { headers: { origin: "https://shop.example.com" } });
      expect([headers["access-control-allow-origin"], headers.vary, headers["access-control-expose-headers"]]).toEqual([
        "https://shop.example.com",
        "Origin",
        "ETag, Location, X-Request-ID, Retry-After, Idempotent-Replayed",
      ]);
    }
  });
});

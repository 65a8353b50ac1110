// What HTTP itself asks of the gateway: methods, media types, languages, ids, and nothing reachable but the routes.
import { connect } from "node:net";
import { type Gateway, startGateway } from "../helpers/gateway";
import type { Answered } from "../helpers/http";
import { routes } from "../../services/api/routes";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { CORS_ORIGINS: "https://shop.example.com" } });
});
beforeEach(() => {
  gateway.calls.length = 0;
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);
const codeOf = (answer: Answered) => [answer.status, answer.json().code];
const reached = () => gateway.calls.map(({ action }) => action);

const pathOf = (path: string) => path.replace(":id", "prd_1");

test.each(routes)(
  "$method $path: HEAD where GET is, OPTIONS that runs nothing, 405 with Allow for the rest",
  async ({ path }) => {
    const methods = routes.filter(route => route.path === path).map(({ method }) => method as string);
    const allow = [...methods.flatMap(method => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(", ");

    const put = await send(`PUT ${pathOf(path)}`, { body: {}, token: gateway.token("usr_1", "admin") });
    expect(codeOf(put)).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(put.headers.allow).toBe(allow);

    for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
      const preflight = await send(`OPTIONS ${pathOf(path)}`, {
        headers: { origin: "https://shop.example.com", "access-control-request-method": method },
        token: gateway.token("usr_1", "admin"),
      });
      expect([preflight.status, preflight.text, preflight.headers["access-control-allow-methods"]]).toEqual([
        204,
        "",
        allow,
      ]);
      expect(preflight.headers["access-control-allow-origin"]).toBe("https://shop.example.com");
    }
    expect(reached()).toEqual([]);

    if (!methods.includes("GET")) return;
    const head = await send(`HEAD ${pathOf(path)}`, { token: gateway.token("usr_1", "admin") });
    const get = await send(`GET ${pathOf(path)}`, { token: gateway.token("usr_1", "admin") });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(get.text)));
    expect(head.headers.etag).toBe(get.headers.etag);
  },
);

test.each([
  "/",
  "/api",
  "/api/",
  "/api/orders/ord_1/secret",
  "/API/PRODUCTS",
  "/api//products",
  "/api/%70roducts",
  "/openecho",
  "/$node/list",
  "/~node/list",
  "/api/~node/health",
  "/api/$node/services",
  "/api/rest",
  "/rest",
  "/api/list-aliases",
  "/list-aliases",
  "/api/addRoute",
  "/api/removeRoute",
  "/products/list",
  "/products.list",
  "/api/products.list",
  "/users/feed",
  "/api/users/feed/1",
  "/orders/read",
  "/products/reserve",
  "/metrics",
  "/docs",
  "/..",
  "/api/../health/live",
])("%s is nowhere, whatever the method", async path => {
  for (const method of ["GET", "POST", "OPTIONS"]) {
    const answer = await send(`${method} ${path}`, { headers: { "access-control-request-method": "GET" } });
    expect(codeOf(answer)).toEqual([404, "ROUTE_NOT_FOUND"]);
  }
  expect(reached()).toEqual([]);
});

test("nor has the bus an action of the gateway: nobody can list, add or remove routes", async () => {
  for (const action of ["listAliases", "addRoute", "removeRoute", "rest"])
    await expect(gateway.broker.call(`api.${action}`, { path: "/", route: {} })).rejects.toMatchObject({
      type: "SERVICE_NOT_FOUND",
    });
});

test.each(["/api/products/%zz", "/api/products/%", "/api/orders/%c3%28/events", "/%zz"])(
  "the broken encoding in %s is 400",
  async path => {
    expect(codeOf(await send(`GET ${path}`))).toEqual([400, "MALFORMED_REQUEST"]);
  },
);

test("broken HTTP is a plain 400", async () => {
  const text = await new Promise<string>(resolve => {
    const { hostname, port } = new URL(gateway.address);
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.write("GARBAGE\r\n\r\n"));
    socket.on("data", chunk => (received += chunk.toString())).on("close", () => resolve(received));
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect((await send("GET /health/live")).status).toBe(200);
});

test("406 when JSON is not wanted, also where the answer is ready", async () => {
  expect((await send("GET /api/products")).status).toBe(200);
  expect(codeOf(await send("GET /api/products", { headers: { accept: "text/html" } }))).toEqual([
    406,
    "NOT_ACCEPTABLE",
  ]);
  expect(codeOf(await send("POST /api/users/login", { body: {}, headers: { accept: "image/*" } }))).toEqual([
    406,
    "NOT_ACCEPTABLE",
  ]);
  expect((await send("GET /api/products", { headers: { accept: "text/html, */*;q=0.1" } })).status).toBe(200);
});

test("a problem is an RFC 9457 body with a sentence in the caller's language", async () => {
  const korean = await send("GET /api/orders", { headers: { "accept-language": "ko-KR,en;q=0.5" } });
  expect(korean.headers["content-type"]).toBe("application/problem+json");
  expect(korean.headers["content-language"]).toBe("ko");
  expect(korean.json()).toEqual({
    type: "/problems/unauthenticated",
    title: "Unauthenticated",
    status: 401,
    detail: "로그인이 필요합니다.",
    instance: "/api/orders",
    code: "UNAUTHENTICATED",
    success: false,
    error: "로그인이 필요합니다.",
  });
  expect((await send("GET /api/orders")).json().error).toBe("Sign in first: the access token is missing or not valid.");
});

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

test.each<[sent: string, headers: Record<string, string>]>([
  ["application/x-www-form-urlencoded", { "content-type": "application/x-www-form-urlencoded" }],
  ["application/json; charset=utf-16", { "content-type": "application/json; charset=utf-16" }],
  ["application/json (Content-Encoding: gzip)", { "content-type": "application/json", "content-encoding": "gzip" }],
  ["text/??plain", { "content-type": "text/\u0085plain" }],
  ["x".repeat(100), { "content-type": "x".repeat(5000) }],
])("a 415 names what was sent, %s, and what is accepted", async (sent, headers) => {
  const english = await send("POST /api/users/login", { body: "a=1", headers });
  expect([english.status, english.headers.accept, english.headers["accept-encoding"]]).toEqual([
    415,
    "application/json",
    "identity",
  ]);
  const sentence = `The body was sent as ${sent}. Send it as application/json, in UTF-8 and not compressed.`;
  expect(english.json()).toMatchObject({ sent, accepted: ["application/json"], error: sentence, detail: sentence });
  const korean = await send("POST /api/users/login", { body: "a=1", headers: { ...headers, "accept-language": "ko" } });
  expect(korean.json().error).toBe(
    `${sent} 본문은 지원하지 않습니다. 본문은 압축하지 않은 UTF-8 application/json으로 보내 주세요.`,
  );
});

test("a 415 for a body of no type says that", async () => {
  const answer = await send("POST /api/users/login", { body: "{}", headers: { "content-type": "" } });
  expect([answer.status, answer.json().error, answer.json().sent]).toEqual([
    415,
    expect.stringContaining("no named type"),
    undefined,
  ]);
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

test("an unknown fault is 500, logged once with the request's id, and tells nothing", async () => {
  const fine = gateway.fakes["orders.get"];
  gateway.fakes["orders.get"] = async () => {
    throw new Error("MongoServerError: secret at db-7");
  };
  const answer = await send("GET /api/orders/ord_1", {
    token: gateway.token("usr_1"),
    headers: { "x-request-id": "lost-1" },
  });
  gateway.fakes["orders.get"] = fine;
  expect(codeOf(answer)).toEqual([500, "INTERNAL"]);
  expect(answer.text).not.toMatch(/secret|db-7|orders\.get|test-|stack/);
  expect(gateway.logs.filter(line => line.startsWith("error") && line.includes("lost-1"))).toHaveLength(1);
});

test.each(["cancel", "ship", "deliver", "refund"])("If-Match is heard by %s, and need not be there", async command => {
  const token = gateway.token("usr_1", "admin");
  await send(`POST /api/orders/ord_1/${command}`, { token, headers: { "if-match": `"7"` } });
  await send(`POST /api/orders/ord_1/${command}`, { token });
  expect(gateway.calls.map(({ params }) => params)).toEqual([{ id: "ord_1", ifVersion: [7] }, { id: "ord_1" }]);
});

// What HTTP itself asks of the gateway: methods, faults, and nothing reachable but the routes.
import { connect } from "node:net";
import { type Gateway, startGateway } from "../helpers/gateway";
import { codeOf } from "../helpers/http";
import { routes } from "../../services/api/routes";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { CORS_ORIGINS: "https://shop.example.com" } });
});
beforeEach(() => {
  gateway.calls.length = 0;
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);
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

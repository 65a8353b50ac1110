// What the API promises of every answer, at every route: held against the whole table, and against a shop that runs.
import type { Access } from "../../lib/contract";
import { refusals } from "../../contracts/refusals";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { sourcesOf } from "../../services/api/routing/params";
import type { Route } from "../../services/api/routing/route";
import { routes } from "../../services/api/routes";
import { contractOf } from "../../services/api/routing/contracts";
import { startServices } from "../helpers/broker";
import { type Gateway, startGateway } from "../helpers/gateway";
import { type Answered, type Asked, ask } from "../helpers/http";
import { firstOf, talk } from "../helpers/talk";

let gateway: Gateway;
let tokens: Partial<Record<Access, string>>;
beforeAll(async () => {
  gateway = await startGateway();
  tokens = { user: gateway.token("usr_1"), admin: gateway.token("usr_2", "admin") };
});
beforeEach(() => {
  gateway.calls.length = 0;
});

const pathOf = ({ path }: Route) => path.replace(":id", "prd_1");
const accessOf = (route: Route) => ("own" in route ? "anyone" : contractOf(route.action).access);
const takesBody = (route: Route) => !("own" in route) && sourcesOf(route).inputIs === "body";
const needed = { "if-match": "*", "idempotency-key": "k" };
const UNHEARD_OF = { path: "/unheardOf", code: "UNKNOWN_FIELD", message: "is not a known field" };
const HANGUL = /[가-힣]/;

/** What holds for an answer, whatever was asked. */
const hold = (answer: Answered, path: string, locale = "en"): void => {
  const { status, headers, text } = answer;
  expect(headers).toMatchObject({
    "x-request-id": expect.stringMatching(/^[\w.-]{1,64}$/),
    "x-content-type-options": "nosniff",
    date: expect.stringMatching(/ GMT$/),
  });
  expect([headers["www-authenticate"] !== undefined, headers.allow !== undefined]).toEqual([
    status === 401,
    status === 405 || (status === 204 && headers["access-control-allow-methods"] !== undefined),
  ]);
  if (status === 429 || status === 503 || status === 202) expect(headers["retry-after"]).toMatch(/^\d+$/);
  if (status < 400 || text === "") return;
  expect(headers).toMatchObject({
    "content-type": "application/problem+json",
    "content-language": locale,
    "cache-control": "no-store",
  });
  const { code, ...problem } = answer.json<{ code: keyof typeof refusals }>();
  expect(refusals).toHaveProperty(code);
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: path,
    success: false,
  });
  const { error } = answer.json<{ error: string }>();
  expect(HANGUL.test(error)).toBe(locale === "ko");
};

/** Sends, and holds the answer to all that is promised of every answer. */
const send = async (route: Route, method: string, asked: Asked = {}, query = ""): Promise<Answered> => {
  const token = tokens[accessOf(route)];
  const answer = await gateway.send(`${method} ${pathOf(route)}${query}`, {
    ...(token === undefined ? {} : { token }),
    ...asked,
    headers: { ...needed, ...asked.headers },
  });
  hold(answer, pathOf(route), asked.headers?.["accept-language"]?.toString());
  return answer;
};
const outcome = (answer: Answered) => [answer.status, answer.json().code];

describe.each(routes)("$method $path", route => {
  const { method } = route;

  test("refuses what it does not know, in the query and in the body, and names it", async () => {
    const inQuery = await send(route, method, {}, "?unheardOf=1");
    expect([...outcome(inQuery), inQuery.json().errors]).toEqual([
      422,
      "VALIDATION_FAILED",
      expect.arrayContaining([UNHEARD_OF]),
    ]);
    if (takesBody(route)) {
      const inBody = await send(route, method, { body: { unheardOf: 1 } });
      expect([...outcome(inBody), inBody.json().errors]).toEqual([
        422,
        "VALIDATION_FAILED",
        expect.arrayContaining([UNHEARD_OF]),
      ]);
    }
    expect(gateway.calls).toEqual([]);
  });

  test("says what is wrong with a body that it cannot take", async () => {
    if (!takesBody(route)) return;
    expect(outcome(await send(route, method, { body: "{" }))).toEqual([400, "MALFORMED_BODY"]);
    expect(outcome(await send(route, method, { body: "{}", headers: { "content-type": "text/plain" } }))).toEqual([
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ]);
    expect(outcome(await send(route, method, { body: JSON.stringify("x".repeat(1024 * 1024)) }))).toEqual([
      413,
      "BODY_TOO_LARGE",
    ]);
    expect(outcome(await send(route, method, { body: [] }))).toEqual([422, "VALIDATION_FAILED"]);
    expect(gateway.calls).toEqual([]);
  });

  test("knows who may come, and speaks the caller's language", async () => {
    const korean = { "accept-language": "ko-KR" };
    const heard = async (token: string) => {
      const answer = await gateway.send(`${method} ${pathOf(route)}?unheardOf=1`, {
        headers: { ...needed, ...korean },
        ...(token === "" ? {} : { token }),
      });
      hold(answer, pathOf(route), "ko");
      return answer.status;
    };
    const access = accessOf(route);
    const [stranger, customer, admin] = [
      await heard(""),
      await heard(tokens.user ?? ""),
      await heard(tokens.admin ?? ""),
    ];
    expect([stranger, customer, admin]).toEqual([access === "anyone" ? 422 : 401, access === "admin" ? 403 : 422, 422]);
  });

  test("takes no other representation and no other method", async () => {
    expect(outcome(await send(route, method, { headers: { accept: "image/png" } }))).toEqual([406, "NOT_ACCEPTABLE"]);
    for (const other of ["PUT", "PROPFIND", "LOCK"])
      expect(outcome(await send(route, other))).toEqual([405, "METHOD_NOT_ALLOWED"]);
    hold(await gateway.send(`OPTIONS ${pathOf(route)}`), pathOf(route));
    expect(gateway.calls).toEqual([]);
  });

  test("has for HEAD what it has for GET: the same status and headers, and no body", async () => {
    if (method !== "GET") return;
    const told = async (verb: string, query: string, headers: Record<string, string>) => {
      const token = tokens[accessOf(route)];
      const fields = {
        host: "a",
        connection: "close",
        "x-request-id": "r1",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      };
      const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
      return firstOf(await talk(gateway.address, `${verb} ${pathOf(route)}${query} HTTP/1.1\r\n${lines.join("")}\r\n`));
    };
    for (const [query, headers] of [
      ["", {}],
      ["", { "if-none-match": "*" }],
      ["?unheardOf=1", {}],
      ["", { accept: "image/png" }],
      ["", { authorization: "Bearer nonsense" }],
    ] as const) {
      const [get, head] = [await told("GET", query, headers), await told("HEAD", query, headers)];
      expect({ ...head, headers: { ...Object.fromEntries(head.headers), date: "" } }).toEqual({
        ...get,
        body: "",
        headers: { ...Object.fromEntries(get.headers), date: "" },
      });
    }
  });
});

test("a service that is not there is 503 with Retry-After, at every route that leads to it", async () => {
  const lonely = await startGateway({ absent: ["products", "orders", "payments"] });
  const empty = await startGateway({ absent: ["users", "products", "orders", "payments"] });
  for (const route of routes) {
    if ("own" in route) continue;
    const { address, token } = route.action.startsWith("users.") ? empty : lonely;
    const body = takesBody(route) ? exampleOf(route.action) : undefined;
    const answer = await ask(address, `${route.method} ${pathOf(route)}`, {
      body,
      headers: needed,
      token: token("usr_1", "admin"),
    });
    hold(answer, pathOf(route));
    expect([route.action, ...outcome(answer)]).toEqual([route.action, 503, "SERVICE_UNAVAILABLE"]);
  }
});

test("the language of who names none is a setting", async () => {
  const korean = await startGateway({ env: { DEFAULT_LOCALE: "ko" } });
  for (const [headers, locale] of [
    [{}, "ko"],
    [{ "accept-language": "fr" }, "ko"],
    [{ "accept-language": "en" }, "en"],
  ] as const) {
    hold(await korean.send("GET /api/orders", { headers }), "/api/orders", locale);
  }
  expect(firstOf(await talk(korean.address, "hello\r\n\r\n")).headers.get("content-language")).toBe("ko");
});

const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const kim = { email: "kim@example.com", password: "correct horse", name: "Kim" };
const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 5 };
const examples: Readonly<Record<string, unknown>> = {
  "users.register": kim,
  "users.login": { email: kim.email, password: kim.password },
  "users.refresh": { refreshToken: "r" },
  "users.changePassword": { currentPassword: kim.password, newPassword: "another horse" },
  "products.create": mug,
  "products.adjustStock": { delta: 1 },
  "orders.place": { items: [{ productId: "prd_1", quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } },
};
/** A body that the action takes. */
const exampleOf = (action: string): unknown => examples[action] ?? {};

test("times are RFC 3339 in UTC, money is whole minor units, and a list knows its page, in a shop that runs", async () => {
  const shop = await startServices(["api", "users", "products", "orders", "payments"], {
    env: { ADMIN_EMAIL: "root@example.com", ADMIN_PASSWORD: "correct horse" },
  });
  const call = (line: string, asked: Asked = {}) => ask(runtimeOf(shop.broker).address ?? "", line, asked);
  const { token } = (
    await call("POST /api/users/login", { body: { email: "root@example.com", password: "correct horse" } })
  ).json<{ token: string }>();
  const made = await call("POST /api/products", { token, body: mug });
  const { id } = made.json<{ data: { id: string } }>().data;
  const order = { items: [{ productId: id, quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } };
  const placed = await call("POST /api/orders", { token, body: order, headers: { "idempotency-key": "k" } });
  const at = placed.headers.location ?? "";
  const lines = [
    "/api/users/profile",
    "/api/users",
    "/api/products",
    `/api/products/${id}`,
    at,
    `${at}/events`,
    "/api/orders",
  ];
  const answers = [made, placed, ...(await Promise.all(lines.map(line => call(`GET ${line}`, { token }))))];
  const seen = { times: 0, money: 0, lists: 0 };
  for (const { text } of answers) {
    JSON.parse(text, (key, value: unknown) => {
      if (/At$|^timestamp$/.test(key)) {
        seen.times += 1;
        expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      }
      if (typeof value === "object" && value !== null && "amount" in value) {
        seen.money += 1;
        expect(value).toEqual({ amount: expect.any(Number), currency: "USD" });
        expect(Number.isSafeInteger(value.amount)).toBe(true);
      }
      if (typeof value === "object" && value !== null && "pages" in value) {
        seen.lists += 1;
        expect(value).toEqual({ items: expect.any(Array), page: 1, limit: 10, total: expect.any(Number), pages: 1 });
      }
      return value;
    });
  }
  expect([seen.times > 10, seen.money > 5, seen.lists]).toEqual([true, true, 3]);
});

// What the API promises of every answer, at every route: held against the whole table.
import type { Access } from "../../lib/contract";
import { sourcesOf } from "../../services/api/routing/params";
import type { Route } from "../../services/api/routing/route";
import { routes } from "../../services/api/routes";
import { contractOf } from "../../services/api/routing/contracts";
import { hold } from "../helpers/conventions";
import { basket, draft, register } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";
import { type Answered, type Asked, ask, codeOf } from "../helpers/http";
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

describe.each(routes)("$method $path", route => {
  const { method } = route;

  test("refuses what it does not know, in the query and in the body, and names it", async () => {
    const inQuery = await send(route, method, {}, "?unheardOf=1");
    expect([...codeOf(inQuery), inQuery.json().errors]).toEqual([
      422,
      "VALIDATION_FAILED",
      expect.arrayContaining([UNHEARD_OF]),
    ]);
    if (takesBody(route)) {
      const inBody = await send(route, method, { body: { unheardOf: 1 } });
      expect([...codeOf(inBody), inBody.json().errors]).toEqual([
        422,
        "VALIDATION_FAILED",
        expect.arrayContaining([UNHEARD_OF]),
      ]);
    }
    expect(gateway.calls).toEqual([]);
  });

  test("says what is wrong with a body that it cannot take", async () => {
    if (!takesBody(route)) return;
    expect(codeOf(await send(route, method, { body: "{" }))).toEqual([400, "MALFORMED_BODY"]);
    expect(codeOf(await send(route, method, { body: "{}", headers: { "content-type": "text/plain" } }))).toEqual([
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ]);
    expect(codeOf(await send(route, method, { body: JSON.stringify("x".repeat(1024 * 1024)) }))).toEqual([
      413,
      "BODY_TOO_LARGE",
    ]);
    expect(codeOf(await send(route, method, { body: [] }))).toEqual([422, "VALIDATION_FAILED"]);
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
    expect(codeOf(await send(route, method, { headers: { accept: "image/png" } }))).toEqual([406, "NOT_ACCEPTABLE"]);
    for (const other of ["PUT", "PROPFIND", "LOCK"])
      expect(codeOf(await send(route, other))).toEqual([405, "METHOD_NOT_ALLOWED"]);
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

const examples: Readonly<Record<string, unknown>> = {
  "users.register": register,
  "users.login": { email: register.email, password: register.password },
  "users.refresh": { refreshToken: "r" },
  "users.changePassword": { currentPassword: register.password, newPassword: "another horse" },
  "products.create": draft,
  "products.adjustStock": { delta: 1 },
  "orders.place": basket,
};
/** A body that the action takes. */
const exampleOf = (action: string): unknown => examples[action] ?? {};

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
    expect([route.action, ...codeOf(answer)]).toEqual([route.action, 503, "SERVICE_UNAVAILABLE"]);
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

// How a request becomes the params of an action, and what is refused on the way (nothing is ever ignored).
import { gzipSync } from "node:zlib";
import { type Gateway, shippingAddress, startGateway } from "../helpers/gateway";
import type { Answered, Asked } from "../helpers/http";

let gateway: Gateway;
let admin: string;
beforeAll(async () => {
  gateway = await startGateway();
  admin = gateway.token("usr_1", "admin");
});
beforeEach(() => {
  gateway.calls.length = 0;
});
const send = (line: string, asked: Asked = {}) => gateway.send(line, { token: admin, ...asked });
const codeOf = (answer: Answered) => [answer.status, answer.json().code];
const pathsOf = (answer: Answered) => answer.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path);
const expectNothingReached = () => expect(gateway.calls).toEqual([]);

const register = { email: "kim@example.com", password: "correct horse", name: "Kim" };
const basket = { items: [{ productId: "prd_1", quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } };
const draft = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 1999, currency: "USD" }, stock: 5 };

describe("query", () => {
  test("values become what the schema says", async () => {
    await send("GET /api/products?page=2&limit=20&inStock=true&category=Home%20%26%20garden&sort=-price");
    expect(gateway.calls[0]?.params).toEqual({
      page: 2,
      limit: 20,
      inStock: true,
      category: "Home & garden",
      sort: "-price",
    });
  });
  test.each([
    ["?limit=x", ["/limit"]],
    ["?limit=0", ["/limit"]],
    ["?limit=101", ["/limit"]],
    ["?limit=1e1", ["/limit"]],
    ["?limit=10.5", ["/limit"]],
    ["?limit=", ["/limit"]],
    ["?page=1&page=2", ["/page"]],
    ["?inStock=1", ["/inStock"]],
    ["?sort=stock", ["/sort"]],
    ["?limit[$gt]=1", ["/limit[$gt]"]],
    ["?query=%7B%7D", ["/query"]],
    ["?__proto__=1", ["/__proto__"]],
    ["?__proto__[limit]=1&constructor=2", ["/__proto__[limit]", "/constructor"]],
    ["?limit=x&page=y&z=1", ["/z", "/page", "/limit"]],
  ])("%s is refused and names %p", async (query, paths) => {
    const answer = await send(`GET /api/products${query}`);
    expect(codeOf(answer)).toEqual([422, "VALIDATION_FAILED"]);
    expect(pathsOf(answer).sort()).toEqual(paths.sort());
    expectNothingReached();
  });
  test("30 keys are read, one more is refused in one sentence, and 3 000 are not even parsed", async () => {
    const keys = (count: number) =>
      `GET /api/products?${Array.from({ length: count }, (_, index) => index.toString(36)).join("&")}`;
    expect(pathsOf(await send(keys(30)))).toHaveLength(30);
    const parsing = jest.spyOn(URLSearchParams.prototype, "getAll");
    for (const count of [31, 3000]) {
      const answer = await send(keys(count));
      expect([...codeOf(answer), answer.json().errors]).toEqual([
        422,
        "VALIDATION_FAILED",
        [{ path: "", code: "TOO_MANY_PARAMETERS", message: "must have at most 30 query parameters" }],
      ]);
    }
    expect(codeOf(await send("POST /api/users/login".concat("?", "a&".repeat(40)), { body: {} }))).toEqual([
      422,
      "VALIDATION_FAILED",
    ]);
    expect(parsing).not.toHaveBeenCalled();
    parsing.mockRestore();
    expectNothingReached();
  });
  test.each(["?category=%", "?category=%zz", "?%e0=1", "?category=%ff"])(
    "the broken escape in %s is 400",
    async query => {
      expect(codeOf(await send(`GET /api/products${query}`))).toEqual([400, "MALFORMED_REQUEST"]);
      expectNothingReached();
    },
  );
  test("nothing in it reaches a route with a body", async () => {
    for (const line of [
      "PATCH /api/users/usr_2?role=admin",
      "POST /api/users/register?role=admin",
      "POST /api/products/prd_1/stock?delta=5&id=prd_2",
    ]) {
      const answer = await send(line, {
        body: line.includes("register") ? register : line.includes("stock") ? { delta: 1 } : { role: "customer" },
      });
      expect(codeOf(answer)).toEqual([422, "VALIDATION_FAILED"]);
    }
    expectNothingReached();
  });
});

describe("body", () => {
  test.each([
    ["{", 400, "MALFORMED_BODY"],
    ["{'email':1}", 400, "MALFORMED_BODY"],
    ["undefined", 400, "MALFORMED_BODY"],
    ["null", 422, "VALIDATION_FAILED"],
    ["[]", 422, "VALIDATION_FAILED"],
    ["1", 422, "VALIDATION_FAILED"],
    [`"text"`, 422, "VALIDATION_FAILED"],
    ["", 422, "VALIDATION_FAILED"],
    [undefined, 422, "VALIDATION_FAILED"],
  ])("%p is %p %p", async (body, status, code) => {
    expect(codeOf(await send("POST /api/users/register", { body }))).toEqual([status, code]);
    expectNothingReached();
  });

  test("a missing one names the fields that are needed", async () => {
    expect(pathsOf(await send("POST /api/users/register")).sort()).toEqual(["/email", "/name", "/password"]);
  });

  test("bytes that are not UTF-8 are malformed", async () => {
    const body = Buffer.concat([Buffer.from(`{"refreshToken":"`), Buffer.from([0xff, 0xfe]), Buffer.from(`"}`)]);
    const answer = await fetch(`${gateway.address}/api/users/refresh`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(400);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "",
  ])("as %p it is 415", async type => {
    expect(
      codeOf(await send("POST /api/users/register", { body: register, headers: { "content-type": type } })),
    ).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expectNothingReached();
  });
  test.each(["application/json", "application/json; charset=utf-8", `Application/JSON;charset="UTF-8"`])(
    "as %p it is read",
    async type => {
      expect(
        (await send("POST /api/users/register", { body: register, headers: { "content-type": type } })).status,
      ).toBe(201);
    },
  );
  test("compressed it is 415", async () => {
    const answer = await fetch(`${gateway.address}/api/users/register`, {
      method: "POST",
      body: gzipSync(JSON.stringify(register)),
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect(answer.status).toBe(415);
  });

  test("1 MiB is read, one byte more is 413, declared or not, and the connection goes on", async () => {
    const fill = (size: number) => JSON.stringify({ refreshToken: "" }).replace(`""`, `"${"x".repeat(size - 19)}"`);
    expect(fill(1024 * 1024)).toHaveLength(1024 * 1024);
    expect(codeOf(await send("POST /api/users/refresh", { body: fill(1024 * 1024) }))).toEqual([
      422,
      "VALIDATION_FAILED",
    ]);
    expect(codeOf(await send("POST /api/users/refresh", { body: fill(1024 * 1024 + 1) }))).toEqual([
      413,
      "BODY_TOO_LARGE",
    ]);
    const chunks = () =>
      new ReadableStream({
        start: controller => {
          for (let count = 0; count < 40; count += 1) controller.enqueue(new Uint8Array(64 * 1024).fill(32));
          controller.close();
        },
      });
    const streamed = await fetch(`${gateway.address}/api/users/refresh`, {
      method: "POST",
      body: chunks(),
      duplex: "half",
      headers: { "content-type": "application/json" },
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(((await streamed.json()) as { code: string }).code).toBe("BODY_TOO_LARGE");
    expect((await fetch(`${gateway.address}/health/live`)).status).toBe(200);
  });

  test.each<[body: string, line: string, paths: string[]]>([
    [`{"email":"a@b.c","password":"correct horse","name":"Kim","role":"admin"}`, "POST /api/users/register", ["/role"]],
    [
      `{"email":"a@b.c","password":"correct horse","name":"Kim","__proto__":{"role":"admin"}}`,
      "POST /api/users/register",
      ["/__proto__"],
    ],
    [`{"email":{"$gt":""},"password":{"$ne":null}}`, "POST /api/users/login", ["/email", "/password"]],
    [`{"email":["a@b.c"],"password":"x"}`, "POST /api/users/login", ["/email"]],
    [
      `{"email":"not an address","password":"short","name":" "}`,
      "POST /api/users/register",
      ["/email", "/password", "/name"],
    ],
    [`{"_id":"usr_9","role":"admin"}`, "PATCH /api/users/usr_2", ["/_id"]],
    [`{"id":"usr_9","role":"admin"}`, "PATCH /api/users/usr_2", ["/id"]],
    [`{"delta":"1"}`, "POST /api/products/prd_1/stock", ["/delta"]],
    [`{"delta":1.5}`, "POST /api/products/prd_1/stock", ["/delta"]],
    [`{"reason":{"$set":1}}`, "POST /api/orders/ord_1/cancel", ["/reason"]],
    [`{"status":"refunded"}`, "POST /api/orders/ord_1/ship", ["/status"]],
    [
      JSON.stringify({
        ...draft,
        price: { ...draft.price, amount: 19.99 },
        attributes: { "a.b": 1, $where: 1 },
        rating: 5,
      }),
      "POST /api/products",
      ["/attributes/$where", "/attributes/a.b", "/price/amount", "/rating"],
    ],
    [
      JSON.stringify({ ...draft, attributes: JSON.parse(`{"__proto__":1}`) as object }),
      "POST /api/products",
      ["/attributes/__proto__"],
    ],
  ])("%s to %s is refused at %p", async (body, line, paths) => {
    const answer = await send(line, { body });
    expect(codeOf(answer)).toEqual([422, "VALIDATION_FAILED"]);
    expect(pathsOf(answer).sort()).toEqual(paths.sort());
    expectNothingReached();
    expect(({} as Record<string, unknown>).role).toBeUndefined();
  });

  test("in a large hostile one only the first mistake is told, quickly", async () => {
    const answer = await send("POST /api/orders", {
      body: { ...basket, items: Array.from({ length: 300_000 }, () => 1) },
      headers: { "idempotency-key": "k" },
    });
    expect(pathsOf(answer)).toEqual(["/items"]);
  });

  test("so it is from 4 KB on", async () => {
    const wrong = (count: number) =>
      send("POST /api/orders", {
        body: { ...basket, items: Array.from({ length: count }, () => 1) },
        headers: { "idempotency-key": "k" },
      });
    expect(pathsOf(await wrong(99))).toHaveLength(99);
    expect(pathsOf(await wrong(32_000))).toHaveLength(1);
  });
});

describe("path", () => {
  test.each(["%24gt", "%7B%22%24ne%22%3Anull%7D", "a.b", "..%2f..", "x".repeat(129), "%00", "prd%201"])(
    "the id %s is one that nothing has",
    async id => {
      for (const [path, code] of [
        ["products", "PRODUCT_NOT_FOUND"],
        ["orders", "ORDER_NOT_FOUND"],
        ["users", "USER_NOT_FOUND"],
      ])
        expect(codeOf(await send(`GET /api/${path}/${id}`))).toEqual([404, code]);
      expectNothingReached();
    },
  );
  test("it wins over nothing: the id in the path is the id of the call", async () => {
    await send("POST /api/products/prd_1/stock", { body: { delta: 2 } });
    expect(gateway.calls[0]?.params).toEqual({ id: "prd_1", delta: 2 });
  });
});

describe("headers", () => {
  test("an order needs an Idempotency-Key, of up to 255 characters", async () => {
    expect(codeOf(await send("POST /api/orders", { body: basket }))).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
    const long = await send("POST /api/orders", { body: basket, headers: { "idempotency-key": "k".repeat(256) } });
    expect([...codeOf(long), pathsOf(long)]).toEqual([422, "VALIDATION_FAILED", ["/Idempotency-Key"]]);
    expectNothingReached();
    expect((await send("POST /api/orders", { body: basket, headers: { "idempotency-key": `"k"` } })).status).toBe(201);
    expect(gateway.calls[0]?.params).toEqual({ ...basket, idempotencyKey: `"k"` });
  });

  test("an empty Idempotency-Key is none of a key's forms: not taken for no key, where one is needed and where not", async () => {
    for (const [line, body] of [
      ["POST /api/orders", basket],
      ["POST /api/users/register", register],
    ] as const) {
      const empty = await send(line, { body, headers: { "idempotency-key": "" } });
      expect([...codeOf(empty), pathsOf(empty)]).toEqual([422, "VALIDATION_FAILED", ["/Idempotency-Key"]]);
    }
  });

  test("a key in the body is not a key", async () => {
    expect(
      pathsOf(
        await send("POST /api/orders", {
          body: { ...basket, idempotencyKey: "k" },
          headers: { "idempotency-key": "k" },
        }),
      ),
    ).toEqual(["/idempotencyKey"]);
  });
  test.each([
    [`"3"`, [3]],
    ["*", "*"],
    [`W/"3"`, []],
    [`"2", "3"`, [2, 3]],
    [`"3e0"`, []],
  ])("If-Match %s asks for version %p", async (header, ifVersion) => {
    await send("PATCH /api/products/prd_1", { body: { name: "Mug" }, headers: { "if-match": header } });
    await send("DELETE /api/products/prd_1", { headers: { "if-match": header } });
    expect(gateway.calls.map(({ params }) => params)).toEqual([
      { id: "prd_1", name: "Mug", ifVersion },
      { id: "prd_1", ifVersion },
    ]);
  });
  test("without If-Match a change is 428", async () => {
    for (const line of ["PATCH /api/products/prd_1", "DELETE /api/products/prd_1"])
      expect(codeOf(await send(line, { body: {} }))).toEqual([428, "PRECONDITION_REQUIRED"]);
    expectNothingReached();
  });
});

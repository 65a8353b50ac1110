// How the body of a request becomes params, and which bodies are refused: nothing in them is ever ignored.
import { openAdminGateway } from "../helpers/admin-gateway";
import { gzipSync } from "node:zlib";
import { basket, draft, register } from "../helpers/examples";
import { codeOf, pathsOf } from "../helpers/http";

const { gateway, send, expectNothingReached } = openAdminGateway();

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
  const answer = await fetch(`${gateway().address}/api/users/refresh`, {
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
  expect(codeOf(await send("POST /api/users/register", { body: register, headers: { "content-type": type } }))).toEqual(
    [415, "UNSUPPORTED_MEDIA_TYPE"],
  );
  expectNothingReached();
});
test.each(["application/json", "application/json; charset=utf-8", `Application/JSON;charset="UTF-8"`])(
  "as %p it is read",
  async type => {
    expect((await send("POST /api/users/register", { body: register, headers: { "content-type": type } })).status).toBe(
      201,
    );
  },
);
test("compressed it is 415", async () => {
  const answer = await fetch(`${gateway().address}/api/users/register`, {
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
  const streamed = await fetch(`${gateway().address}/api/users/refresh`, {
    method: "POST",
    body: chunks(),
    duplex: "half",
    headers: { "content-type": "application/json" },
  } as RequestInit);
  expect(streamed.status).toBe(413);
  expect(((await streamed.json()) as { code: string }).code).toBe("BODY_TOO_LARGE");
  expect((await fetch(`${gateway().address}/health/live`)).status).toBe(200);
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

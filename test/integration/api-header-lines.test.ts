// Headers that a request may carry once are refused when they come twice: whoever read the other one would have
// understood something else.
import { basket, draft, register as account } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";
import { firstOf, talk } from "../helpers/talk";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = gateway.token("usr_1", "admin");
});
beforeEach(() => {
  gateway.calls.length = 0;
});

/** The answer to a request with these lines of headers, beside those that it needs. */
const send = async (line: string, fields: readonly string[], body?: unknown) => {
  const payload = body === undefined ? "" : JSON.stringify(body);
  const own = [
    "Host: a",
    "Connection: close",
    ...(payload === "" ? [] : [`Content-Length: ${Buffer.byteLength(payload)}`]),
  ];
  const answer = firstOf(
    await talk(gateway.address, `${line} HTTP/1.1\r\n${[...own, ...fields].join("\r\n")}\r\n\r\n${payload}`),
  );
  return { ...answer, problem: JSON.parse(answer.body) as Record<string, unknown> };
};
const JSON_TYPE = "Content-Type: application/json";
const refused = (header: string) => ({
  status: 400,
  problem: {
    code: "HEADER_REPEATED",
    header,
    status: 400,
    success: false,
    error: expect.stringContaining(header) as unknown,
  },
});

test.each<[string, unknown, string]>([
  ["POST /api/users/register", account, "anyone"],
  ["POST /api/products", draft, "admin"],
  ["POST /api/products/prd_1/stock", { delta: 1 }, "admin"],
  ["POST /api/orders", basket, "user"],
])(
  "%s with two Idempotency-Key lines is refused, also when they are equal; one line with a comma is one key",
  async (line, body, access) => {
    const given = [JSON_TYPE, ...(access === "anyone" ? [] : [`Authorization: Bearer ${token}`])];
    for (const keys of [
      ["Idempotency-Key: a", "Idempotency-Key: b"],
      ["Idempotency-Key: a", "idempotency-key: a"],
      ["Idempotency-Key:", "Idempotency-Key: a"],
    ]) {
      expect(await send(line, [...given, ...keys], body)).toMatchObject(refused("Idempotency-Key"));
    }
    expect(gateway.calls).toEqual([]);
    expect((await send(line, [...given, "Idempotency-Key: a, b"], body)).status).toBeLessThan(300);
    expect(gateway.calls[0]?.params).toMatchObject({ idempotencyKey: "a, b" });
  },
);

test.each<[string, string, string[], unknown]>([
  ["Authorization", "GET /api/orders", ["Bearer TOKEN", "Bearer TOKEN"], undefined],
  ["Authorization", "GET /api/orders", ["Bearer TOKEN", "Bearer other"], undefined],
  ["Authorization", "GET /api/products", ["Bearer TOKEN", "Basic eDp5"], undefined],
  ["Content-Type", "POST /api/users/login", ["application/json", "text/plain"], { email: "a@b.c", password: "x" }],
  [
    "Content-Type",
    "POST /api/users/login",
    ["application/json", "application/json"],
    { email: "a@b.c", password: "x" },
  ],
  ["Last-Event-ID", "GET /api/orders/ord_1/events", ["1", "2"], undefined],
])("%s twice in %s is refused", async (name, line, values, body) => {
  const given = [
    ...(name === "Authorization" ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined || name === "Content-Type" ? [] : [JSON_TYPE]),
  ];
  expect(
    await send(line, [...given, ...values.map(value => `${name}: ${value.replace("TOKEN", token)}`)], body),
  ).toMatchObject(refused(name));
  expect(gateway.calls).toEqual([]);
});

test("where an answer is ready it is no other", async () => {
  expect((await send("GET /api/products", [])).status).toBe(200);
  expect(await send("GET /api/products", ["Authorization: Bearer a", "Authorization: Bearer b"])).toMatchObject(
    refused("Authorization"),
  );
  expect(await send("GET /api/products", ["Idempotency-Key: a", "Idempotency-Key: b"])).toMatchObject(
    refused("Idempotency-Key"),
  );
  expect(
    (
      await send(
        "GET /api/products",
        [...Array<string>(101).keys()].map(index => `X-${index}: 1`),
      )
    ).status,
  ).toBe(431);
});

test("a refusal of such a header costs no connection, and the sentence is in the caller's language", async () => {
  const bad =
    "GET /api/products HTTP/1.1\r\nHost: a\r\n" +
    "Authorization: Bearer a\r\nAuthorization: Bearer b\r\nAccept-Language: ko\r\n\r\n";
  const said = await talk(gateway.address, `${bad}GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  expect([...said.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual(["400", "200"]);
  expect(said).toContain("Authorization 헤더는");
});

test("what is a list may have several lines: they are one", async () => {
  const tag = (await send("GET /api/products/prd_1", [])).headers.get("etag") ?? "";
  for (const _time of [1, 2]) {
    const answer = firstOf(
      await talk(
        gateway.address,
        "GET /api/products/prd_1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
          `If-None-Match: "x"\r\nIf-None-Match: ${tag}\r\n\r\n`,
      ),
    );
    expect(answer.status).toBe(304);
  }
  await send("POST /api/orders/ord_1/ship", [`Authorization: Bearer ${token}`, 'If-Match: "6"', 'If-Match: "7"']);
  expect(gateway.calls.at(-1)?.params).toEqual({ id: "ord_1", ifVersion: [6, 7] });
});

test("no header is left out: a hundred are read, of more than that none", async () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1`);
  const given = [JSON_TYPE, `Authorization: Bearer ${token}`];
  expect((await send("POST /api/products", [...given, ...many(80), "Idempotency-Key: last"], draft)).status).toBe(201);
  expect(gateway.calls[0]?.params).toMatchObject({ idempotencyKey: "last" });
  expect(await send("POST /api/products", [...given, ...many(120), "Idempotency-Key: last"], draft)).toMatchObject({
    status: 431,
    problem: { code: "HEADERS_TOO_LARGE" },
  });
  expect(gateway.calls).toHaveLength(1);
});

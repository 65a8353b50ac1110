// Requests that are not HTTP, or too much of it: answered with a problem, and the connection is closed.
import { type Gateway, startGateway } from "../helpers/gateway";
import { firstOf, talk as converse } from "../helpers/talk";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});

const talk = (...pieces: string[]) => converse(gateway.address, ...pieces);

test.each([
  ["an unknown method", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "METHOD_NOT_IMPLEMENTED"],
  ["one that begins like a known one", "GETX /api/products HTTP/1.1\r\nHost: a\r\n\r\n", 501, "METHOD_NOT_IMPLEMENTED"],
  ["one in small letters", "get /api/products HTTP/1.1\r\nHost: a\r\n\r\n", 501, "METHOD_NOT_IMPLEMENTED"],
  ["a method that is no word", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["another version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400, "MALFORMED_REQUEST"],
  [
    "two lengths",
    "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
    "MALFORMED_REQUEST",
  ],
  ["no HTTP at all", "hello\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["no host", "GET /api/products HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["two hosts", "GET /api/products HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, "MALFORMED_REQUEST"],
  [
    "an expectation",
    "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: tea\r\n\r\n{}",
    417,
    "EXPECTATION_FAILED",
  ],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "MALFORMED_REQUEST"],
  ["a NUL in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["a bare CR in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["an address without end", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, "URI_TOO_LONG"],
  ["an address that is longer still", `GET /${"x".repeat(200_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, "URI_TOO_LONG"],
  [
    "an address of 16 385 characters",
    `GET /${"x".repeat(16_384)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    414,
    "URI_TOO_LONG",
  ],
  [
    "a query without end",
    `GET /api/products?category=${"x".repeat(17_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    414,
    "URI_TOO_LONG",
  ],
  ["many headers", `GET / HTTP/1.1\r\nHost: a\r\n${"X: abcdefgh\r\n".repeat(5000)}\r\n`, 431, "HEADERS_TOO_LARGE"],
  ["a proxy's job", "CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD_NOT_ALLOWED"],
  [
    "a broken body",
    "POST /api/users/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
      "Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
    400,
    "MALFORMED_REQUEST",
  ],
  ["headers without end", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
])("%s", async (_what, bytes, status, code) => {
  const answer = await talk(bytes);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/\r\nDate: \w{3}, .* GMT(\r\n|$)/);
  expect(head).toContain("X-Content-Type-Options: nosniff");
  expect(head.includes("Allow: ")).toBe(status === 405);
  expect(head).toMatch(/\r\nX-Request-ID: [\w.-]+(\r\n|$)/);
  expect(head).toContain("Content-Type: application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ status, code, success: false, error: expect.any(String) as unknown });
  expect((await gateway.send("GET /health/live")).status).toBe(200);
});

test("what comes in pieces, or after another request, is known for what it is", async () => {
  const statuses = async (...pieces: string[]) =>
    [...(await talk(...pieces)).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
  const live = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
  const logout =
    "POST /api/users/logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  expect(await statuses(`${live}FOO / HTTP/1.1\r\nHost: a\r\n\r\n`)).toEqual(["200", "501"]);
  expect(await statuses(`${logout}FOO / HTTP/1.1\r\nHost: a\r\n\r\n`)).toEqual(["401", "501"]);
  expect(await statuses("F", "OO / HTTP/1.1\r\nHost: a\r\n\r\n")).toEqual(["501"]);
  expect(await statuses(`${live}GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toEqual(["200", "414"]);
  expect(await statuses(`GET /${"x".repeat(20_000)}`, `${"y".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toEqual([
    "414",
  ]);
  expect(await statuses("GET / HTTP/1.1\r\nHost: a\r\nX: ", `${"y".repeat(40_000)}\r\n\r\n`)).toEqual(["431"]);
});

test("an address of 16 384 characters is read", async () => {
  expect(await talk(`GET /${"x".repeat(16_383)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 404 /,
  );
});

test.each(["PROPFIND", "PUT", "TRACE", "MKCOL", "M-SEARCH"])(
  "%s is a method, and none of this path: 405 with those that are",
  async method => {
    const { status, headers } = firstOf(
      await talk(`${method} /api/products HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
    );
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, POST, OPTIONS"]);
  },
);

test("answers to what came before it are not taken for its own", async () => {
  const slow = gateway.fakes["users.login"];
  gateway.fakes["users.login"] = async (...asked) => {
    await new Promise(resolve => setTimeout(resolve, 50));
    return slow?.(...asked) ?? Promise.reject(new Error("gone"));
  };
  const body = JSON.stringify({ email: "kim@example.com", password: "correct horse" });
  const login =
    "POST /api/users/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const answer = await talk(`${login}GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n`);
  gateway.fakes["users.login"] = slow;
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual(["200", "200", "400"]);
});

test("the whole address of what is asked for works, also where the answer is ready", async () => {
  const bodies: string[] = [];
  for (const target of [
    "/api/products",
    "http://shop.example/api/products",
    "HTTP://shop.example:80/api/products",
    "/api/products",
  ]) {
    const [head = "", body = ""] = (
      await talk(`GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`)
    ).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    bodies.push(body);
  }
  expect(new Set(bodies).size).toBe(1);
  expect(gateway.calls.filter(({ action }) => action === "products.list")).toHaveLength(1);
  expect(await talk("GET http://shop.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(
    /^HTTP\/1\.1 404 /,
  );
});

test("where an answer is ready, two hosts and odd expectations are refused all the same", async () => {
  await gateway.send("GET /api/products");
  const first = async (head: string) =>
    (await talk(`GET /api/products HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)).slice(9, 12);
  expect(await first("Host: a\r\n")).toBe("200");
  expect([await first(""), await first("Host: a\r\nHost: b\r\n"), await first("Host: a\r\nExpect: tea\r\n")]).toEqual([
    "400",
    "400",
    "417",
  ]);
});

test("HTTP/1.0 without a host is answered, and 100-continue is said", async () => {
  expect(await talk("GET /api/products HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  const answer = await talk(
    "POST /api/users/logout HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" +
      "Expect: 100-continue\r\nConnection: close\r\n\r\n",
  );
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual(["100", "401"]);
});

test("TRACE is none of the methods", async () => {
  expect(await talk("TRACE /api/products HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(
    /^HTTP\/1\.1 405 [^]*Allow: GET, HEAD, POST, OPTIONS/,
  );
});

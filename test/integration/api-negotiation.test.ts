// Media types and languages: what a client takes, what it sends, and in which language it is told.
import { type Gateway, startGateway } from "../helpers/gateway";
import { codeOf } from "../helpers/http";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);

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

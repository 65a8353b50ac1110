// Requests that are not HTTP, or too much of it: answered with a problem, and the connection is closed.
import { connect } from "node:net";
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});

/** Sends bytes and reads all that comes back. */
const talk = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.address);
    let said = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding("utf8").on("data", (text: string) => (said += text));
    socket.once("error", reject).once("close", () => resolve(said));
  });

test.each([
  ["an unknown method", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["two lengths", "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["no HTTP at all", "hello\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["headers without end", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
])("%s", async (_what, bytes, status, code) => {
  const answer = await talk(bytes);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/\r\nX-Request-ID: [\w.-]+(\r\n|$)/);
  expect(head).toContain("Content-Type: application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ status, code, success: false, error: expect.any(String) as unknown });
  expect((await gateway.send("GET /health/live")).status).toBe(200);
});

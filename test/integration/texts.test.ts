// Texts over HTTP: what carries control characters is refused at its path and reaches no service.
import { basket, draft, product, register, shippingAddress } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = gateway.token("usr_1", "admin");
});
beforeEach(() => {
  gateway.calls.length = 0;
});

const NAUGHTY = ["\r\nBcc: eve@x.org", "\u0000", "\u001b[31m", "\u0085", "\u2028", "\u202egpj.exe", "\u2066"];

const problems = async (line: string, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await gateway.send(line, {
    token,
    headers: { "idempotency-key": "k", "if-match": '"3"', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, ...answer.json<{ errors?: { path: string; message: string }[] }>() };
};

describe.each([
  ["POST /api/users/register", "/name", (bad: string) => ({ ...register, name: `Kim${bad}` })],
  ["PATCH /api/users/profile", "/name", (bad: string) => ({ name: `Kim${bad}` })],
  ["POST /api/products", "/name", (bad: string) => ({ ...draft, name: `Mug${bad}` })],
  ["POST /api/products", "/category", (bad: string) => ({ ...draft, category: `kitchen${bad}` })],
  ["POST /api/products", "/attributes/colour", (bad: string) => ({ ...draft, attributes: { colour: `red${bad}` } })],
  ["PATCH /api/products/prd_1", "/name", (bad: string) => ({ name: `Mug${bad}` })],
  ...(["name", "line1", "line2", "city", "region", "postalCode"] as const).map(
    field =>
      [
        "POST /api/orders",
        `/shippingAddress/${field}`,
        (bad: string) => ({ ...basket, shippingAddress: { ...shippingAddress, [field]: `x${bad}` } }),
      ] as const,
  ),
  ["POST /api/orders/ord_1/cancel", "/reason", (bad: string) => ({ reason: `Because${bad}` })],
  ["POST /api/orders/ord_1/refund", "/reason", (bad: string) => ({ reason: `Because${bad}` })],
] as const)("%s", (line, path, bodyWith) => {
  test.each(NAUGHTY)(`refuses %j at ${path}`, async bad => {
    expect(await problems(line, bodyWith(bad))).toMatchObject({
      status: 422,
      code: "VALIDATION_FAILED",
      errors: [{ path, message: "must not contain control characters" }],
    });
    expect(gateway.calls).toEqual([]);
  });
  test("takes it without", async () => {
    const { status } = await problems(line, bodyWith(" 님 🙂"));
    expect([200, 201]).toContain(status);
  });
});

test("a name that shows nothing is blank", async () => {
  expect(await problems("POST /api/users/register", { ...register, name: "\u3164\u200b " })).toMatchObject({
    status: 422,
    errors: [{ path: "/name", message: "must not be blank" }],
  });
});

test("names of attributes are texts, too", async () => {
  const answer = await problems("POST /api/products", { ...draft, attributes: { "col\u0007our": "red" } });
  expect(answer).toMatchObject({
    status: 422,
    errors: [{ path: "/attributes/col\u0007our", message: "is a name that must not contain control characters" }],
  });
});

test("a description may have lines and tabs, and nothing else of the kind", async () => {
  expect((await problems("POST /api/products", { ...draft, description: "A mug.\r\n\tFor tea.\n" })).status).toBe(201);
  expect(await problems("POST /api/products", { ...draft, description: "A mug.\u001b[2J" })).toMatchObject({
    status: 422,
    errors: [{ path: "/description" }],
  });
});

test("half a character is refused, as text and in a password", async () => {
  const half = '{"email":"kim@example.com","password":"correct horse","name":"Kim\\ud83d"}';
  expect(await problems("POST /api/users/register", half)).toMatchObject({
    status: 422,
    errors: [{ path: "/name", message: "must be well-formed Unicode" }],
  });
  const secret = '{"email":"kim@example.com","password":"correct horse\\udc00","name":"Kim"}';
  expect(await problems("POST /api/users/register", secret)).toMatchObject({
    status: 422,
    errors: [{ path: "/password", message: "must be well-formed Unicode" }],
  });
  expect(gateway.calls).toEqual([]);
});

test("query texts and keys in headers refuse them", async () => {
  expect(await problems("GET /api/products?category=kit%0Achen", undefined)).toMatchObject({
    status: 422,
    errors: [{ path: "/category", message: "must not contain control characters" }],
  });
  expect(await problems("POST /api/orders", basket, { "idempotency-key": "a\u0085b" })).toMatchObject({
    status: 422,
    errors: [{ path: "/Idempotency-Key", message: "must not contain control characters" }],
  });
  expect(await problems("PATCH /api/products/prd_1", { name: "Mug" }, { "if-match": '\u0080"3"' })).toMatchObject({
    status: 422,
    errors: [{ path: "/If-Match" }],
  });
  expect(gateway.calls).toEqual([]);
});

test("what was stored before is still shown", async () => {
  gateway.fakes["products.get"] = async () => ({ ...product, name: "Mug\u001b[31m" });
  const answer = await gateway.send("GET /api/products/prd_9");
  expect([answer.status, answer.json<{ data: { name: string } }>().data.name]).toEqual([200, "Mug\u001b[31m"]);
});

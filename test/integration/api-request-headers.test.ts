// How headers of a request become params: Idempotency-Key and If-Match.
import { openAdminGateway } from "../helpers/admin-gateway";
import { basket, register } from "../helpers/examples";
import { codeOf, pathsOf } from "../helpers/http";

const { gateway, send, expectNothingReached } = openAdminGateway();

test("an order needs an Idempotency-Key, of up to 255 characters", async () => {
  expect(codeOf(await send("POST /api/orders", { body: basket }))).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
  const long = await send("POST /api/orders", { body: basket, headers: { "idempotency-key": "k".repeat(256) } });
  expect([...codeOf(long), pathsOf(long)]).toEqual([422, "VALIDATION_FAILED", ["/Idempotency-Key"]]);
  expectNothingReached();
  expect((await send("POST /api/orders", { body: basket, headers: { "idempotency-key": `"k"` } })).status).toBe(201);
  expect(gateway().calls[0]?.params).toEqual({ ...basket, idempotencyKey: `"k"` });
});

test("an empty Idempotency-Key is no key, and not taken for the lack of one where it is needed or not", async () => {
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
  expect(gateway().calls.map(({ params }) => params)).toEqual([
    { id: "prd_1", name: "Mug", ifVersion },
    { id: "prd_1", ifVersion },
  ]);
});
test("without If-Match a change is 428", async () => {
  for (const line of ["PATCH /api/products/prd_1", "DELETE /api/products/prd_1"])
    expect(codeOf(await send(line, { body: {} }))).toEqual([428, "PRECONDITION_REQUIRED"]);
  expectNothingReached();
});

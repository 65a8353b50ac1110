// What values look like in the answers of a shop that runs: times, money, pages.
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { basket, draft } from "../helpers/examples";
import { type Asked, ask } from "../helpers/http";

test("times are RFC 3339 in UTC, money is whole minor units, and a list knows its page", async () => {
  const shop = await startServices(["api", "users", "products", "orders", "payments"], {
    env: { ADMIN_EMAIL: "root@example.com", ADMIN_PASSWORD: "correct horse" },
  });
  const call = (line: string, asked: Asked = {}) => ask(runtimeOf(shop.broker).address ?? "", line, asked);
  const { token } = (
    await call("POST /api/users/login", { body: { email: "root@example.com", password: "correct horse" } })
  ).json<{ token: string }>();
  const made = await call("POST /api/products", { token, body: draft });
  const { id } = made.json<{ data: { id: string } }>().data;
  const order = { ...basket, items: [{ productId: id, quantity: 1 }] };
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
        expect(value).toEqual({
          items: expect.any(Array),
          page: 1,
          limit: 10,
          total: expect.any(Number),
          pages: 1,
          nextCursor: null,
        });
      }
      return value;
    });
  }
  expect([seen.times > 10, seen.money > 5, seen.lists]).toEqual([true, true, 3]);
});

// How the URL of a request becomes params: its query and the id in its path; nothing in it is ever ignored.
import { openAdminGateway } from "../helpers/admin-gateway";
import { register } from "../helpers/examples";
import { codeOf, pathsOf } from "../helpers/http";

const { gateway, send, expectNothingReached } = openAdminGateway();

describe("query", () => {
  test("values become what the schema says", async () => {
    await send("GET /api/products?page=2&limit=20&inStock=true&category=Home%20%26%20garden&sort=-price");
    expect(gateway().calls[0]?.params).toEqual({
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
    expect(gateway().calls[0]?.params).toEqual({ id: "prd_1", delta: 2 });
  });
});

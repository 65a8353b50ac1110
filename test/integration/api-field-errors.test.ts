// What is wrong with a field is told in the caller's language, wherever it was found: at the edge, or by a service.
import { Refusal } from "../../lib/refusal";
import { shippingAddress } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";
import type { Asked } from "../helpers/http";

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway();
  token = gateway.token("usr_1", "admin");
});

const basket = { items: [{ productId: "prd_1", quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } };
const key = { "idempotency-key": "k" };

type Told = readonly [path: string, code: string, message: string];
const told = async (line: string, { headers, ...asked }: Asked, locale: string): Promise<Told[]> => {
  const answer = await gateway.send(line, { token, ...asked, headers: { ...headers, "accept-language": locale } });
  expect([answer.status, answer.headers["content-language"]]).toEqual([422, locale]);
  const { errors } = answer.json<{ errors: { path: string; code: string; message: string }[] }>();
  return errors.map(({ path, code, message }) => [path, code, message] as const);
};

const CASES: readonly (readonly [line: string, asked: Asked, path: string, code: string, en: string, ko: string])[] = [
  ["GET /api/products?x=1", {}, "/x", "UNKNOWN_FIELD", "is not a known field", "알 수 없는 항목입니다."],
  ["GET /api/products?limit=0", {}, "/limit", "TOO_LOW", "must be >= 1", "1 이상이어야 합니다."],
  ["GET /health/live?x=1", {}, "/x", "UNKNOWN_FIELD", "is not a known field", "알 수 없는 항목입니다."],
  [
    "POST /api/users/login",
    { body: { email: "kim@example.com" } },
    "/password",
    "REQUIRED",
    "is required",
    "필수 항목입니다.",
  ],
  ["POST /api/users/login", { body: [] }, "", "BODY_NOT_OBJECT", "must be an object", "본문은 JSON 객체여야 합니다."],
  [
    "POST /api/orders",
    { body: basket, headers: { "idempotency-key": "k".repeat(256) } },
    "/Idempotency-Key",
    "TOO_LONG",
    "must NOT have more than 255 characters",
    "255자를 넘을 수 없습니다.",
  ],
  [
    "POST /api/orders/ord_1/ship",
    { headers: { "if-match": "3" } },
    "/If-Match",
    "NOT_ENTITY_TAGS",
    'must be one or more ETags in their quotes, such as "3" or "3", "4"; or *',
    '"3" 또는 "3", "4"처럼 따옴표로 묶은 ETag를 하나 이상 쓰거나 *를 써야 합니다.',
  ],
];

test.each(CASES)("%s %j is refused at %p with %s, in English and Korean", async (line, asked, path, code, en, ko) => {
  expect(await told(line, asked, "en")).toEqual([[path, code, en]]);
  expect(await told(line, asked, "ko")).toEqual([[path, code, ko]]);
});

test("more query parameters than anybody would write, too", async () => {
  const line = `GET /api/products?${"a&".repeat(40)}`;
  expect(await told(line, {}, "ko")).toEqual([["", "TOO_MANY_PARAMETERS", "쿼리 매개변수는 30개를 넘을 수 없습니다."]]);
});

test("what only the service can know is told in both, from facts and not from words", async () => {
  gateway.fakes["orders.place"] = async () => {
    throw new Refusal("VALIDATION_FAILED", {
      errors: [
        { path: "/items/0/productId", code: "NO_SUCH_PRODUCT" },
        { path: "/items/1/quantity", code: "TOO_MANY_PIECES", facts: { limit: 1000 } },
      ],
    });
  };
  const asked = { body: basket, headers: key };
  expect(await told("POST /api/orders", asked, "en")).toEqual([
    ["/items/0/productId", "NO_SUCH_PRODUCT", "is not a product of this shop"],
    ["/items/1/quantity", "TOO_MANY_PIECES", "must be at most 1000 pieces of one product"],
  ]);
  expect(await told("POST /api/orders", asked, "ko")).toEqual([
    ["/items/0/productId", "NO_SUCH_PRODUCT", "이 상점의 상품이 아닙니다."],
    ["/items/1/quantity", "TOO_MANY_PIECES", "한 상품은 1000개까지 주문할 수 있습니다."],
  ]);
});

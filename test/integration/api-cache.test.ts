// Hot public reads: asked for once, never older than the last change that this gateway knows of.
import type { Product } from "../../contracts/products";
import { Refusal } from "../../lib/refusal";
import { order, pageOf, product, shippingAddress } from "../helpers/examples";
import { deferred } from "../helpers/deferred";
import { commit, type Gateway, startGateway } from "../helpers/gateway";

const LIST = "GET /api/products?limit=20";
const ONE = "GET /api/products/prd_1";

let gateway: Gateway;
/** What the products service would say now. */
let current: Product;
beforeEach(async () => {
  gateway = await startGateway();
  current = product;
  gateway.fakes["products.list"] = async () => pageOf(current);
  gateway.fakes["products.get"] = async ({ id }) => {
    if (id !== current.id) throw new Refusal("PRODUCT_NOT_FOUND");
    return current;
  };
});
afterEach(() => gateway.stop());

const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);
const reads = () => gateway.calls.filter(({ action }) => /^products\.(list|get|categories)$/.test(action)).length;
const stockOf = async () => (await send(ONE)).json<{ data: Product }>().data.stock;
const listedStock = async () => (await send(LIST)).json<{ data: { items: Product[] } }>().data.items[0]?.stock;

test("the second reader gets the same bytes without a call, with a token or not, and HEAD and 304 too", async () => {
  const first = await send(LIST);
  const second = await send(LIST, { token: "rubbish" });
  expect(second.text).toBe(first.text);
  expect(second.headers["x-request-id"]).not.toBe(first.headers["x-request-id"]);
  expect({ ...second.headers, date: "", "x-request-id": "" }).toEqual({
    ...first.headers,
    date: "",
    "x-request-id": "",
  });
  const head = await send(LIST.replace("GET", "HEAD"));
  expect([head.status, head.text, head.headers["content-length"]]).toEqual([
    200,
    "",
    String(Buffer.byteLength(first.text)),
  ]);
  const old = `"before"`;
  expect((await send(LIST, { headers: { "if-none-match": [old, `W/${first.headers.etag}`] } })).status).toBe(304);
  for (const field of [`${first.headers.etag} ${old}`, `*, ${old}`, first.headers.etag?.slice(1) ?? ""])
    expect((await send(LIST, { headers: { "if-none-match": field } })).text).toBe(first.text);
  const unchanged = await send(LIST, { headers: { "if-none-match": first.headers.etag ?? "" } });
  expect([
    unchanged.status,
    unchanged.text,
    unchanged.headers["content-length"],
    unchanged.headers.etag,
    unchanged.headers["cache-control"],
  ]).toEqual([304, "", undefined, first.headers.etag, "no-cache"]);
  expect(reads()).toBe(1);
});

test("refusals are not kept", async () => {
  expect((await send("GET /api/products/prd_9")).status).toBe(404);
  expect((await send("GET /api/products/prd_9")).status).toBe(404);
  expect(reads()).toBe(2);
});

test("other methods at the same address never meet what is kept", async () => {
  await send("GET /api/products");
  expect((await send("POST /api/products")).status).toBe(401);
  expect((await send("DELETE /api/products")).status).toBe(405);
});

test("a change elsewhere is seen when its event arrives; another product's answer stays", async () => {
  await send(LIST);
  expect(await stockOf()).toBe(5);
  const before = reads();
  await send(ONE);
  expect(reads()).toBe(before);

  current = { ...product, stock: 4 };
  await commit(gateway.products, "prd_1", { type: "StockAdjusted", data: { delta: -1 } });
  while ((await stockOf()) !== 4 || (await listedStock()) !== 4) await new Promise(resolve => setTimeout(resolve, 2));

  const after = reads();
  await commit(gateway.products, "prd_2", { type: "StockAdjusted", data: { delta: 1 } });
  while (reads() === after) await listedStock();
  await send(ONE);
  expect(gateway.calls.filter(({ action }) => action === "products.get")).toHaveLength(2);
});

test("a change whose nudge was lost is seen within seconds all the same", async () => {
  expect(await stockOf()).toBe(5);
  current = { ...product, stock: 4 };
  gateway.nudges.lost = true;
  await commit(gateway.products, "prd_1", { type: "StockAdjusted", data: { delta: -1 } });
  const start = performance.now();
  while ((await stockOf()) !== 4) await new Promise(resolve => setTimeout(resolve, 20));
  // Sooner than the maximum age of an answer: the feed is looked at each second.
  expect(performance.now() - start).toBeLessThan(4000);
});

test.each<[string, string, object | undefined, keyof Gateway["fakes"]]>([
  ["a product", "PATCH /api/products/prd_1", { name: "Mug" }, "products.change"],
  ["a removal", "DELETE /api/products/prd_1", undefined, "products.remove"],
  ["stock", "POST /api/products/prd_1/stock", { delta: 1 }, "products.adjustStock"],
  [
    "an order",
    "POST /api/orders",
    { items: [{ productId: "prd_1", quantity: 1 }], shippingAddress, payment: { method: "sandbox:ok" } },
    "orders.place",
  ],
  ["a cancellation", "POST /api/orders/ord_1/cancel", {}, "orders.cancel"],
])(
  "who changes %s reads the change in the next breath, without any event, and also when the answer was an error",
  async (_what, line, body, action) => {
    const asked = {
      body,
      token: gateway.token("usr_1", "admin"),
      headers: { "if-match": "*", "idempotency-key": "k" },
    };
    const fine = gateway.fakes[action];
    for (const [stock, fails] of [
      [1, false],
      [2, true],
      [3, false],
    ] as const) {
      await send(LIST);
      await send(ONE);
      Object.assign(gateway.fakes, {
        [action]: async () => {
          current = { ...product, stock };
          if (fails) throw new Error("after the change");
          return (fine as () => unknown)();
        },
      });
      const answer = await send(line, asked);
      expect(answer.status >= 500).toBe(fails);
      expect([await stockOf(), await listedStock()]).toEqual([stock, stock]);
    }
  },
);

test("a read that began before a change is not kept, and nobody who came after the change waits for it", async () => {
  const { promise: held, resolve: release } = deferred<void>();
  gateway.fakes["products.list"] = async () => {
    const seen = current;
    await held;
    return pageOf(seen);
  };
  const early = listedStock();
  while (reads() === 0) await new Promise(resolve => setImmediate(resolve));

  gateway.fakes["products.list"] = async () => pageOf(current);
  gateway.fakes["products.adjustStock"] = async () => (current = { ...product, stock: 9 });
  await send("POST /api/products/prd_1/stock", { body: { delta: 4 }, token: gateway.token("usr_1", "admin") });
  expect(await listedStock()).toBe(9);
  release();
  expect(await early).toBe(5);
  expect(await listedStock()).toBe(9);
});

test("two hundred who miss at once cost one call", async () => {
  const { promise: held, resolve: release } = deferred<void>();
  gateway.fakes["products.list"] = async () => {
    await held;
    return pageOf(current);
  };
  const waiting = Array.from({ length: 200 }, () => send(LIST));
  while (reads() === 0) await new Promise(resolve => setImmediate(resolve));
  setTimeout(release, 50);
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(reads()).toBe(1);
});

test("the answers of ship and deliver leave the catalogue alone", async () => {
  await send(LIST);
  gateway.fakes["orders.ship"] = async () => order;
  await send("POST /api/orders/ord_1/ship", { token: gateway.token("usr_1", "admin") });
  await send(LIST);
  expect(reads()).toBe(1);
});

test("whose order is rejected reads what it left, as it held pieces; other refusals change no answer", async () => {
  const body = {
    items: [{ productId: "prd_1", quantity: 1 }],
    shippingAddress,
    payment: { method: "sandbox:declined" },
  };
  const refuse = async (refusal: Refusal) => {
    gateway.fakes["orders.place"] = async () => {
      current = { ...product, version: current.version + 2 };
      throw refusal;
    };
    await send(ONE);
    await send("POST /api/orders", { body, token: gateway.token("usr_1"), headers: { "idempotency-key": "k" } });
    return (await send(ONE)).json<{ data: Product }>().data.version === current.version;
  };
  expect(await refuse(new Refusal("PAYMENT_DECLINED", { orderId: "ord_1" }))).toBe(true);
  expect(await refuse(new Refusal("TOO_MANY_PENDING_ORDERS"))).toBe(false);
});

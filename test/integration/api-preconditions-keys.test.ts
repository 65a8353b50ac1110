// If-Match together with an Idempotency-Key: a repeat is answered as the first one was, whatever version it names.
import { etagOf, openShop, STALE, type Target, targets } from "../helpers/conditional-targets";
import { codeOf } from "../helpers/http";

beforeAll(openShop);

describe("stock with an Idempotency-Key and If-Match", () => {
  let serial = 0;
  beforeEach(() => {
    serial += 1;
  });
  const key = (name: string) => ({ "idempotency-key": `${name}-${serial}` });
  const stockOf = async (one: Target) => (await one.read()).json<{ data: { stock: number } }>().data.stock;

  test("a repeat gets the first answer, though the version has moved on by the first one and by others", async () => {
    const one = await targets["POST /api/products/:id/stock"]();
    const etag = etagOf(await one.read());
    const first = await one.change(etag, key("k"));
    expect([first.status, await stockOf(one)]).toEqual([200, 11]);
    for (const ifMatch of [etag, etagOf(first), `"99999"`, undefined]) {
      const repeat = await one.change(ifMatch, key("k"));
      expect([repeat.status, repeat.text, repeat.headers.etag]).toEqual([200, first.text, first.headers.etag]);
      expect((await one.change(undefined)).status).toBe(200);
    }
    expect(await stockOf(one)).toBe(15);
  });

  test("five at once with one key are done once, and all get the same answer", async () => {
    const one = await targets["POST /api/products/:id/stock"]();
    const etag = etagOf(await one.read());
    const answers = await Promise.all(Array.from({ length: 5 }, () => one.change(etag, key("k"))));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect([answers[0]?.status, await stockOf(one)]).toEqual([200, 11]);
  });

  test("what was 412 has used up no key", async () => {
    const one = await targets["POST /api/products/:id/stock"]();
    const old = etagOf(await one.read());
    const { headers } = await one.change(undefined);
    expect(codeOf(await one.change(old, key("k")))).toEqual(STALE);
    expect((await one.change(headers.etag, key("k"))).status).toBe(200);
    expect(await stockOf(one)).toBe(12);
  });
});

// If-Match through HTTP down to the logs: who has seen an old version changes nothing, whatever he sends it with.
import { runtimeOf } from "../../lib/moleculer/runtime";
import type { SignIn } from "../../contracts/users";
import { startServices } from "../helpers/broker";
import { shippingAddress } from "../helpers/gateway";
import { type Answered, ask, type Asked } from "../helpers/http";
import { ADMIN, nextEmail, PASSWORD } from "../helpers/users";

let address: string;
let admin: string;
let kim: SignIn;
const send = (line: string, asked: Asked = {}) => ask(address, line, { token: admin, ...asked });

beforeAll(async () => {
  const shop = await startServices(["api", "users", "products", "orders", "payments"], { env: ADMIN });
  address = runtimeOf(shop.broker).address ?? "";
  const login = await send("POST /api/users/login", {
    token: "",
    body: { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD },
  });
  admin = login.json<SignIn>().token;
  kim = (
    await send("POST /api/users/register", { token: "", body: { email: nextEmail(), password: PASSWORD, name: "Kim" } })
  ).json<SignIn>();
});

let serial = 0;
const product = async (): Promise<string> => {
  const body = {
    sku: `SKU-${(serial += 1)}`,
    name: "Mug",
    category: "kitchen",
    price: { amount: 500, currency: "USD" },
    stock: 10,
  };
  return (await send("POST /api/products", { body })).json<{ data: { id: string } }>().data.id;
};
const order = async (): Promise<string> => {
  const body = {
    items: [{ productId: await product(), quantity: 1 }],
    shippingAddress,
    payment: { method: "sandbox:ok" },
  };
  const placed = await send("POST /api/orders", {
    token: kim.token,
    body,
    headers: { "idempotency-key": `key-${serial}` },
  });
  return placed.json<{ data: { id: string } }>().data.id;
};

/** What has an ETag, and what changes it: each time it is asked, into something else. */
interface Target {
  read(): Promise<Answered>;
  change(ifMatch: string | string[] | undefined, headers?: Record<string, string>): Promise<Answered>;
}
const target = (path: string, change: string, body: () => unknown, token = () => admin): Target => ({
  read: () => send(`GET ${path}`, { token: token() }),
  change: (ifMatch, headers = {}) =>
    send(change, {
      token: token(),
      body: body(),
      headers: { ...headers, ...(ifMatch === undefined ? {} : { "if-match": ifMatch }) },
    }),
});
const otherName = () => ({ name: `Name ${(serial += 1)}` });
const targets = {
  "PATCH /api/products/:id": async () => {
    const path = `/api/products/${await product()}`;
    return target(path, `PATCH ${path}`, otherName);
  },
  "POST /api/products/:id/stock": async () => {
    const path = `/api/products/${await product()}`;
    return target(path, `POST ${path}/stock`, () => ({ delta: 1 }));
  },
  "PATCH /api/users/profile": async () =>
    target("/api/users/profile", "PATCH /api/users/profile", otherName, () => kim.token),
  "PATCH /api/users/:id": async () => {
    const lee = await send("POST /api/users/register", {
      token: "",
      body: { email: nextEmail(), password: PASSWORD, name: "Lee" },
    });
    const path = `/api/users/${lee.json<SignIn>().user.id}`;
    return target(path, `PATCH ${path}`, () => ({ disabled: (serial += 1) % 2 === 0 }));
  },
  "POST /api/orders/:id/cancel": async () => {
    const path = `/api/orders/${await order()}`;
    return target(
      path,
      `POST ${path}/cancel`,
      () => ({ reason: "late" }),
      () => kim.token,
    );
  },
};
const names = Object.keys(targets) as (keyof typeof targets)[];
const etagOf = ({ headers }: Answered) => headers.etag ?? "none";
const codeOf = (answer: Answered) => [answer.status, answer.status < 400 ? undefined : answer.json().code];
const STALE = [412, "PRECONDITION_FAILED"];

describe.each(names)("%s", name => {
  let one: Target;
  beforeEach(async () => {
    one = await targets[name]();
    // Disabling is something else only for who is not disabled.
    if (name === "PATCH /api/users/:id" && serial % 2 === 0) await one.change(undefined);
  });
  const versionOf = (etag: string) => Number(/^"(\d+)"$/.exec(etag)?.[1]);

  test("is done for who has the ETag of now, and answers with the next one", async () => {
    const before = etagOf(await one.read());
    const changed = await one.change(before);
    expect(changed.status).toBe(200);
    expect(etagOf(changed)).toBe(etagOf(await one.read()));
    expect(versionOf(etagOf(changed))).toBeGreaterThan(versionOf(before));
  });

  test("of two at once who have the same ETag one is done, the other one is 412", async () => {
    const etag = etagOf(await one.read());
    const answers = await Promise.all([one.change(etag), one.change(etag)]);
    expect(answers.map(codeOf).sort(([first], [second]) => Number(first) - Number(second))).toEqual([
      [200, undefined],
      STALE,
    ]);
  });

  test("on an old ETag is 412, and changes nothing", async () => {
    const old = etagOf(await one.read());
    expect((await one.change(old)).status).toBe(200);
    const before = await one.read();
    expect(codeOf(await one.change(old))).toEqual(STALE);
    const { text, headers } = await one.read();
    expect([text, headers.etag]).toEqual([before.text, before.headers.etag]);
  });

  test("is 412 for every tag that is none of its own, weak ones included, however it looks like a number", async () => {
    const before = await one.read();
    const version = versionOf(etagOf(before));
    for (const field of [
      `W/"${version}"`,
      `"${version}e0"`,
      `"0${version}"`,
      `"${version}.0"`,
      `"+${version}"`,
      `"0x${version}"`,
      `""`,
      `"Infinity"`,
      `"${version + 1}"`,
      `W/"${version}", "${version + 1}"`,
      `"${version},${version + 1}"`,
      `"${version}\u00e9"`,
      `"-${version}"`,
    ]) {
      expect([field, ...codeOf(await one.change(field))]).toEqual([field, ...STALE]);
    }
    expect((await one.read()).text).toBe(before.text);
  });

  test("is 422 for what is no list of tags, and changes nothing", async () => {
    const before = await one.read();
    const version = versionOf(etagOf(before));
    for (const field of [
      "",
      ",",
      `${version}`,
      `1e0`,
      `" ${version}"`,
      `"${version} "`,
      `"${version}`,
      `${version}"`,
      `'${version}'`,
      `w/"${version}"`,
      `W/ "${version}"`,
      `"${version}" "${version}"`,
      `"${version}";q=1`,
      `*, "${version}"`,
      `"${version}", *`,
      "**",
      `"${version}""`,
      "W/*",
    ]) {
      const answer = await one.change(field);
      expect([field, ...codeOf(answer)]).toEqual([field, 422, "VALIDATION_FAILED"]);
      expect(answer.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)).toEqual(["/If-Match"]);
    }
    expect((await one.read()).text).toBe(before.text);
  });

  test("is done without If-Match, where it need not be sent", async () => {
    expect((await one.change(undefined)).status).toBe(name === "PATCH /api/products/:id" ? 428 : 200);
  });

  test.each<[string, (etag: string) => string | string[]]>([
    ["any version", () => "*"],
    ["several, one of them its own", etag => `"99999", ${etag}`],
    ["several in lines of their own", etag => [`"99999"`, etag]],
    ["a weak one beside its own, with what a list may have too much", etag => `, W/"1" ,,${etag},`],
  ])("is done for %s", async (_title, fieldOf) => {
    expect((await one.change(fieldOf(etagOf(await one.read())))).status).toBe(200);
  });
});

describe("stock with an Idempotency-Key and If-Match", () => {
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

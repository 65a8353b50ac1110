// A repeat of a request with the same Idempotency-Key is told that its answer is the one of then; a first answer never
// is.
import { type Started, startServices } from "../helpers/broker";
import { type Answered, type Asked, ask } from "../helpers/http";
import { StoreUnavailable } from "../../lib/store/store";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { OrderCommands } from "../../services/orders/order-commands";

const ADMIN = { ADMIN_EMAIL: "root@example.com", ADMIN_PASSWORD: "correct horse" };
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

let shop: Started;
let token: string;
let serial = 0;
const next = (word: string) => `${word}-${(serial += 1)}`;
const send = (line: string, asked: Asked) => ask(runtimeOf(shop.broker).address ?? "", line, asked);

const open = async (dataDir?: string): Promise<void> => {
  const env = { ...ADMIN, PAYMENT_TIMEOUT_MS: "100", ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }) };
  shop = await startServices(["api", "users", "products", "orders", "payments"], { env });
  const signedIn = await send("POST /api/users/login", {
    body: { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD },
  });
  ({ token } = signedIn.json<{ token: string }>());
};
beforeAll(() => open());
afterEach(() => jest.restoreAllMocks());

const draft = () => ({
  sku: next("SKU"),
  name: "Mug",
  category: "kitchen",
  price: { amount: 500, currency: "USD" },
  stock: 5,
});
const product = async () =>
  (await send("POST /api/products", { body: draft(), token })).json<{ data: { id: string } }>().data.id;
const basket = async (quantity: number, method: string) => ({
  items: [{ productId: await product(), quantity }],
  shippingAddress,
  payment: { method },
});

interface Request {
  line: string;
  body: unknown;
}
/** Each makes a request that nobody has sent before. */
const requests: readonly [what: string, status: number, make: () => Promise<Request>][] = [
  [
    "an account",
    201,
    async () => ({
      line: "POST /api/users/register",
      body: { email: `${next("kim")}@example.com`, password: "correct horse", name: "Kim" },
    }),
  ],
  ["a product", 201, async () => ({ line: "POST /api/products", body: draft() })],
  ["pieces", 200, async () => ({ line: `POST /api/products/${await product()}/stock`, body: { delta: 3 } })],
  ["an order", 201, async () => ({ line: "POST /api/orders", body: await basket(1, "sandbox:ok") })],
  [
    "an order that is out of stock",
    409,
    async () => ({ line: "POST /api/orders", body: await basket(6, "sandbox:ok") }),
  ],
  [
    "an order that is declined",
    402,
    async () => ({ line: "POST /api/orders", body: await basket(1, "sandbox:declined") }),
  ],
];

const MARK = "idempotent-replayed";
const keyed = ({ line, body }: Request, key: string) =>
  send(line, { body, token, headers: { "idempotency-key": key } });
/** Without what is new in every sign-in. */
const shown = (answer: Answered) => ({ ...answer.json(), token: undefined, refreshToken: undefined });
const marks = (answers: readonly Answered[]) => answers.map(({ headers }) => headers[MARK]);

describe.each(requests)("%s", (_what, status, make) => {
  test("asked for twice with one key: the second answer is the first one's, and says so", async () => {
    const [request, key] = [await make(), next("key")];
    const first = await keyed(request, key);
    const second = await keyed(request, key);
    expect([first.status, second.status, marks([first, second])]).toEqual([status, status, [undefined, "true"]]);
    expect(shown(second)).toEqual(shown(first));
    expect(first.json()).not.toHaveProperty("replayed");
    expect(first.text + second.text).not.toMatch(/"(replayed|attempt)"/);
    expect([second.headers.location, second.headers.etag]).toEqual([first.headers.location, first.headers.etag]);
  });

  test("asked for at once with one key: one answer of all is the first", async () => {
    const [request, key] = [await make(), next("key")];
    const answers = await Promise.all(Array.from({ length: 6 }, () => keyed(request, key)));
    expect(answers.map(answer => answer.status)).toEqual(Array(6).fill(status));
    expect(marks(answers).filter(mark => mark === undefined)).toHaveLength(1);
    expect(marks(answers).filter(mark => mark === "true")).toHaveLength(5);
    expect(new Set(answers.map(answer => JSON.stringify(shown(answer)))).size).toBe(1);
  });

  test("asked for again with another key, or another body, it is no replay", async () => {
    const [request, key] = [await make(), next("key")];
    await keyed(request, key);
    const other = { ...request, body: { ...(request.body as object), colour: "red" } };
    expect(marks([await keyed(request, next("key")), await keyed(other, key)])).toEqual([undefined, undefined]);
  });
});

test("after a restart, and after more has happened, all of them are still known to be repeats", async () => {
  const sent = await Promise.all(requests.map(async ([, , make]) => ({ request: await make(), key: next("key") })));
  const first = await Promise.all(sent.map(({ request, key }) => keyed(request, key)));
  await shop.stop();
  await open(shop.dataDir);
  const again = await Promise.all(sent.map(({ request, key }) => keyed(request, key)));
  expect(marks(first)).toEqual(sent.map(() => undefined));
  expect(marks(again)).toEqual(sent.map(() => "true"));
  expect(again.map(shown)).toEqual(first.map(shown));
});

test("what the shop itself tries twice is a first answer all the same, and the client's repeat is none", async () => {
  const place = OrderCommands.prototype.place;
  let tries = 0;
  jest.spyOn(OrderCommands.prototype, "place").mockImplementationOnce(async function (this: OrderCommands, ...order) {
    tries += 1;
    await place.apply(this, order);
    throw new StoreUnavailable("The order was placed, and the answer got lost.");
  });
  const request = { line: "POST /api/orders", body: await basket(1, "sandbox:ok") };
  const key = next("key");
  const headers = { "idempotency-key": key, "x-request-id": "the-same" };
  const answers = [
    await send(request.line, { body: request.body, token, headers }),
    await send(request.line, { body: request.body, token, headers }),
  ];
  expect([tries, answers.map(({ status }) => status), marks(answers)]).toEqual([1, [201, 201], [undefined, "true"]]);
});

test("an account whose name has changed since is still the one that its registration made", async () => {
  const request = {
    line: "POST /api/users/register",
    body: { email: `${next("kim")}@example.com`, password: "correct horse", name: "Kim" },
  };
  const key = next("key");
  const first = await keyed(request, key);
  const own = first.json<{ token: string; user: { id: string } }>();
  await send("PATCH /api/users/profile", { token: own.token, body: { name: "Lee", locale: "ko" } });
  const again = await keyed(request, key);
  expect([again.status, marks([again]), again.json<typeof own>().user.id]).toEqual([201, ["true"], own.user.id]);
  const renamed = await keyed({ ...request, body: { ...request.body, name: "Lee" } }, key);
  expect([renamed.status, renamed.json().code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
});

test("another user's key is another key: nobody hears of the other's request", async () => {
  const request = { line: "POST /api/orders", body: await basket(1, "sandbox:ok") };
  const key = next("key");
  const theirs = (
    await send("POST /api/users/register", {
      body: { email: `${next("lee")}@example.com`, password: "correct horse", name: "Lee" },
    })
  ).json<{ token: string }>();
  const answers = [
    await keyed(request, key),
    await send(request.line, { body: request.body, token: theirs.token, headers: { "idempotency-key": key } }),
  ];
  expect([answers.map(({ status }) => status), marks(answers)]).toEqual([
    [201, 201],
    [undefined, undefined],
  ]);
  expect(answers[1]?.headers.location).not.toBe(answers[0]?.headers.location);
});

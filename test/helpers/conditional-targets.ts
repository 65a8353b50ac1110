// What in a shop has an ETag and is changed with If-Match: one target per method and path.
import type { SignIn } from "../../contracts/users";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "./broker";
import { shippingAddress } from "./examples";
import { type Answered, ask, type Asked } from "./http";
import { ADMIN, nextEmail, PASSWORD } from "./users";

let address: string;
let admin: string;
let kim: SignIn;
const send = (line: string, asked: Asked = {}) => ask(address, line, { token: admin, ...asked });

/** Starts a shop for the targets. */
export const openShop = async (): Promise<void> => {
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
};

/** Numbers what must differ. */
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

/** What has an ETag, and what changes it: into something else than was read. */
export interface Target {
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
export const targets = {
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
    let disabled = false;
    const own = target(path, `PATCH ${path}`, () => ({ disabled }));
    // Another wish for each reading: two at once wish the same, or whoever comes first might have nothing to change.
    const read = () => {
      disabled = !disabled;
      return own.read();
    };
    return { ...own, read };
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

export const etagOf = ({ headers }: Answered): string => headers.etag ?? "none";

/** What the refusal of a change is that is meant for another version. */
export const STALE = [412, "PRECONDITION_FAILED"];

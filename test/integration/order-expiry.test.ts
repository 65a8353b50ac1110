// Orders that never settle: they end by themselves, and what they held is there again, whoever stays silent or dies.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { PaymentMethod } from "../../contracts/payments";
import { fileOf } from "../../service-files";
import type { BookEntry } from "../../services/payments/sandbox-provider";
import { type Settings, type Started, startServices, temporaryFolder } from "../helpers/broker";
import { closeStore, temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";
import { eventually } from "../helpers/eventually";

const MINUTE = 60_000;
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

/** Awaits that so many pieces can be bought. */
const availableOnce = (shop: World, pieces: number) =>
  eventually(`${pieces} pieces are available`, async () => (await shop.available()) === pieces);

interface World extends Started {
  order(method: PaymentMethod, key?: string): Promise<string>;
  cancel(id: string): Promise<string>;
  available(): Promise<number>;
  /** The order as it stands, once it is as described. */
  once(
    id: string,
    isSo: (order: { status: string; payment: string }) => boolean,
  ): Promise<{ status: string; failure?: string; payment: string }>;
  later(milliseconds: number): void;
}

/** A shop with ten mugs and a clock that can be put forward. */
const open = async (
  services: Parameters<typeof startServices>[0],
  { env = {} }: Settings = {},
  productId?: string,
  shift = 0,
): Promise<World & { productId: string }> => {
  const shop = await startServices(services, {
    env: { PAYMENT_TIMEOUT_MS: "100", ...env },
    now: () => new Date(Date.now() + shift),
  });
  const token = await tokenMaker(shop.broker);
  const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 10 };
  const id = productId ?? (await shop.call("products.create", mug, { token: token("root", "admin") })).id;
  const read = async (orderId: string) => {
    const order = await shop.call("orders.read", { id: orderId });
    return {
      status: order?.status ?? "absent",
      payment: order?.payment.status ?? "none",
      ...(order?.failure ? { failure: order.failure.code } : {}),
    };
  };
  let serial = 0;
  return {
    ...shop,
    productId: id,
    order: async (method, key = `key-${(serial += 1)}`) =>
      (
        await shop.call(
          "orders.place",
          { idempotencyKey: key, items: [{ productId: id, quantity: 4 }], shippingAddress, payment: { method } },
          { token: token("kim") },
        )
      ).order.id,
    cancel: async orderId => (await shop.call("orders.cancel", { id: orderId }, { token: token("kim") })).status,
    available: async () => (await shop.call("products.get", { id })).available,
    once: (orderId, isSo) =>
      eventually("the order is as wanted", async () => {
        const order = await read(orderId);
        return isSo(order) && order;
      }),
    later: milliseconds => {
      shift += milliseconds;
    },
  };
};

const HOLDS_NOTHING =
  "a provider that never answers holds no piece beyond the time of the order; that money is held is asked on";
test(HOLDS_NOTHING, async () => {
  const shop = await open(["products", "orders", "payments"]);
  const older = await shop.order("sandbox:unreachable");
  shop.later(MINUTE);
  const id = await shop.order("sandbox:unreachable");
  shop.later(14 * MINUTE);
  // When the older one has gone, and its pieces are back, the other one has been looked at.
  expect((await shop.once(older, ({ status }) => status !== "pending")).failure).toBe("EXPIRED");
  await availableOnce(shop, 6);
  expect(await shop.once(id, () => true)).toEqual({ status: "pending", payment: "unknown" });
  shop.later(MINUTE);
  expect(await shop.once(id, ({ status }) => status !== "pending")).toEqual({
    status: "rejected",
    failure: "EXPIRED",
    payment: "unknown",
  });
  await availableOnce(shop, 10);
});

test("the time is a setting; an order that is cancelled meanwhile gives its pieces back likewise", async () => {
  const shop = await open(["products", "orders", "payments"], { env: { ORDER_EXPIRY_MS: String(60 * MINUTE) } });
  const older = await shop.order("sandbox:unreachable");
  shop.later(MINUTE);
  const cancelled = await shop.order("sandbox:unreachable");
  expect([await shop.available(), await shop.cancel(cancelled)]).toEqual([2, "cancelled"]);
  await availableOnce(shop, 6);
  const kept = await shop.order("sandbox:unreachable");
  shop.later(59 * MINUTE);
  expect((await shop.once(older, ({ status }) => status !== "pending")).failure).toBe("EXPIRED");
  await availableOnce(shop, 6);
  expect((await shop.once(kept, () => true)).status).toBe("pending");
  shop.later(MINUTE);
  expect((await shop.once(kept, ({ status }) => status !== "pending")).failure).toBe("EXPIRED");
});

test("pieces come back though the payments service is gone", async () => {
  const shop = await open(["products", "orders"]);
  const id = await shop.order("sandbox:ok");
  expect(await shop.available()).toBe(6);
  shop.later(15 * MINUTE);
  expect((await shop.once(id, ({ status }) => status !== "pending")).failure).toBe("EXPIRED");
  await availableOnce(shop, 10);
});

const VOIDED_AFTERWARDS =
  "what the provider authorises after that is voided, never captured, " +
  "also by another process than the one that expired it";
test(VOIDED_AFTERWARDS, async () => {
  const dataDir = temporaryFolder();
  const first = await open(["products", "orders", "payments"], { env: { DATA_DIR: dataDir } });
  const id = await first.order("sandbox:unreachable");
  first.later(15 * MINUTE);
  expect((await first.once(id, ({ status }) => status !== "pending")).failure).toBe("EXPIRED");
  await first.stop();

  const sandbox = await temporaryStore(join(dataDir, "sandbox"));
  const book = await sandbox.collection<BookEntry>("book");
  expect(
    await book.update({ _id: id, status: "unreachable" }, { $set: { status: "authorized", authorized: 2000 } }),
  ).not.toBeNull();
  await closeStore(sandbox);

  const second = await open(
    ["products", "orders", "payments"],
    { env: { DATA_DIR: dataDir } },
    first.productId,
    30 * MINUTE,
  );
  expect(await second.once(id, ({ payment }) => payment === "voided")).toEqual({
    status: "rejected",
    failure: "EXPIRED",
    payment: "voided",
  });
  await second.stop();
  const after = await (await (await temporaryStore(join(dataDir, "sandbox"))).collection<BookEntry>("book")).get(id);
  expect(after).toMatchObject({ authorized: 2000, captured: 0, voided: 2000 });
});

test("an order that a dead process left untried is tried before it is given up, however late it is", async () => {
  const half = await open(["products", "orders"]);
  const id = await half.order("sandbox:ok");
  await half.stop();
  const whole = await open(
    ["products", "orders", "payments"],
    { env: { DATA_DIR: half.dataDir } },
    half.productId,
    20 * MINUTE,
  );
  expect(await whole.once(id, ({ payment }) => payment === "captured")).toEqual({
    status: "confirmed",
    payment: "captured",
  });
});

test("nor is it given up because orders was there before payments, in a shop that opens late", async () => {
  const half = await open(["products", "orders"]);
  const id = await half.order("sandbox:ok");
  await half.stop();
  const orders = await open(["products", "orders"], { env: { DATA_DIR: half.dataDir } }, half.productId, 20 * MINUTE);
  // Time for a round of the sweep, and for another one that would find the time over.
  await setTimeout(2500);
  orders.broker.loadService(fileOf("payments"));
  expect(await orders.once(id, ({ payment, status }) => status !== "pending" && payment !== "authorized")).toEqual({
    status: "confirmed",
    payment: "captured",
  });
});

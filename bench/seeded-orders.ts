// Shops with very many settled orders: the logs of all services that an order goes through, written in bulk.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type CheckpointDocument, storedCheckpoint } from "../lib/events/checkpoint";
import type { Log, StoredEvent } from "../lib/store/log";
import { openSqliteStore } from "../lib/store/sqlite/sqlite-store";
import type { Collection, Document } from "../lib/store/store";
import { slotStream } from "../services/orders/slots";
import { reservationStream } from "../services/products/product-streams";
import { Server } from "./child";
import { ADMIN, ADDRESS, Market, priceOf } from "./market";
import { BULK, eventOf } from "./seeded";

const BATCH = 500;
const CUSTOMERS = 20;
const FIRST_MS = Date.parse("2025-01-01T00:00:00Z");

const setting = ([name, value]: readonly [string, string]) => `${name}=${value}`;
/** The arguments of a shop on a data folder. */
export const shopOn = (dataDir: string): string[] =>
  Object.entries({ ...ADMIN, DATA_DIR: dataDir, SAMPLE_CATALOGUE: "no" }).map(setting);

export const orderId = (number: number): string => `ord_${number.toString(16).padStart(40, "0")}`;

/** What an order of one customer for two products writes, commit by commit, in each service's log. */
class Seed {
  private readonly versions = new Map<string, number>();

  constructor(private readonly market: Market) {
    for (const product of market.products) this.versions.set(product, 1);
  }

  userOf(number: number): string {
    return this.market.customers[number % this.market.customers.length]?.id ?? "";
  }

  commits(number: number): Record<"orders" | "products" | "payments", StoredEvent[][]> {
    const [id, userId] = [orderId(number), this.userOf(number)];
    const at = new Date(FIRST_MS + number * 1000).toISOString();
    const next = (stream: string, type: string, data: object = {}) => {
      const version = (this.versions.get(stream) ?? 0) + 1;
      this.versions.set(stream, version);
      return eventOf(stream, version, type, data, at);
    };
    const [reserved, slot] = [reservationStream(id), slotStream(userId, 1)];
    const payment = `payment-${id}`;
    const { products } = this.market;
    const lines = [2 * number, 2 * number + 1]
      .map(turn => turn % products.length)
      .map(index => ({ index, productId: products[index] ?? "" }));
    const amount = lines.reduce((sum, { index }) => sum + priceOf(index), 0);
    const total = { amount, currency: "USD" };
    const items = lines.map(({ productId, index }) => {
      const unitPrice = { amount: priceOf(index), currency: "USD" };
      const named = { sku: `BENCH-${index}`, name: `Product ${index}` };
      return { productId, ...named, unitPrice, quantity: 1, lineTotal: unitPrice };
    });
    const held = lines.map(({ productId }) => ({ productId, quantity: 1 }));
    const moved = (type: string) => held.map(line => next(line.productId, type, { orderId: id, quantity: 1 }));
    const slotVersion = (this.versions.get(slot) ?? 0) + 1;
    const order = {
      userId,
      requestHash: id,
      items,
      total,
      shippingAddress: ADDRESS,
      paymentMethod: "sandbox:ok",
      slot: { number: 1, version: slotVersion },
    };
    const reference = `sbx_${id}`;
    const commits = {
      orders: [
        [next(id, "OrderPlaced", order), next(slot, "SlotTaken", { orderId: id })],
        [next(id, "StockReserved")],
        [next(id, "PaymentAuthorized", { reference }), next(id, "OrderConfirmed"), next(slot, "SlotFreed")],
        [next(id, "StockSold"), next(id, "PaymentCaptured")],
      ],
      products: [
        [next(reserved, "ReservationHeld", { lines: held }), ...moved("StockReserved")],
        [next(reserved, "ReservationSold"), ...moved("StockSold")],
      ],
      payments: [
        [next(payment, "PaymentRequested", { amount: total, method: "sandbox:ok" })],
        [next(payment, "PaymentAuthorized", { reference })],
        [next(payment, "CaptureRequested")],
        [next(payment, "PaymentCaptured")],
      ],
    };
    // A stream is forgotten when nothing more will come to it: there are as many as orders.
    for (const stream of [id, reserved, payment]) this.versions.delete(stream);
    return commits;
  }
}

const append = (log: Log, commits: readonly StoredEvent[][]) =>
  commits.map(events => log.append({ id: randomUUID(), events, before: [] }));

const openStores = async (dataDir: string) => {
  const open = (service: string) => openSqliteStore(join(dataDir, service), BULK);
  return {
    orders: await open("orders"),
    products: await open("products"),
    payments: await open("payments"),
    sandbox: await open("sandbox"),
    mail: await open("mail"),
  };
};
type Stores = Awaited<ReturnType<typeof openStores>>;
const closeAll = (stores: Stores) => Promise.all(Object.values(stores).map(store => store.close()));

type Documents = Collection<Document & Readonly<Record<string, unknown>>>;

const write = async (stores: Stores, seed: Seed, count: number): Promise<void> => {
  const orders = await stores.orders.log();
  const products = await stores.products.log();
  const payments = await stores.payments.log();
  const owners: Documents = await stores.mail.collection("owners");
  const sent: Documents = await stores.mail.collection("sent", { indexes: [{ fields: ["mailbox", "since"] }] });
  const book: Documents = await stores.sandbox.collection("book");
  const since = new Date(FIRST_MS).toISOString();
  const amount = { amount: 1, currency: "USD" };
  const paid = { status: "captured", amount, authorized: 1, captured: 1, voided: 0, refunded: 0 };
  for (let from = 0; from < count; from += BATCH) {
    const writes = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const [number, id] = [from + index, orderId(from + index)];
      const commits = seed.commits(number);
      return [
        ...append(orders, commits.orders),
        ...append(products, commits.products),
        ...append(payments, commits.payments),
        owners.insert({ _id: id, userId: seed.userOf(number) }),
        sent.insert({ _id: `${id}-4`, outcome: "sent", since, until: since }),
        book.insert({ _id: id, ...paid, history: ["authorized", "captured"] }),
      ];
    });
    await Promise.all(writes.flat());
  }
  // The mails have left: nobody is to write them now.
  const checkpoints = await stores.mail.collection<CheckpointDocument>("checkpoints");
  const position = await orders.head();
  const commit = await orders.at(position);
  const place = { position, log: orders.id, ...(commit === null ? {} : { commit }) };
  await storedCheckpoint(checkpoints, "orders").save(place);
};

/** Writes what a shop with so many orders has into a data folder: its services make the read models themselves. */
export const seedOrders = async (dataDir: string, count: number): Promise<void> => {
  const empty = await Server.start("shop", shopOn(dataDir));
  const market = await Market.open(empty.port, CUSTOMERS);
  await empty.end();
  const stores = await openStores(dataDir);
  await write(stores, new Seed(market), count);
  await closeAll(stores);
  const full = await Server.start("shop", shopOn(dataDir));
  await full.end();
  // Closed in good order, the next start has nothing to mend.
  await closeAll(await openStores(dataDir));
};

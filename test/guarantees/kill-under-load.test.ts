// The worst moments: the whole shop is killed again and again under load, and then everything is counted.
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import { openStore } from "../../lib/store/open-store";
import type { BookEntry } from "../../services/payments/sandbox-provider";
import { Client, orderFor, placedIn } from "../e2e/client";
import { eventually } from "../helpers/eventually";
import { World } from "../e2e/world";

const KILLS = 5;
const BUYERS = 16;
const STOCK = 120;
const METHODS = ["sandbox:ok", "sandbox:ok", "sandbox:declined", "sandbox:timeout-then-ok"] as const;

interface Acknowledged {
  orders: Set<string>;
  cancelled: Set<string>;
}

/** Buys two products at a time, and cancels every fifth order, until the shop is gone. */
const buy = async (
  customer: Client,
  products: readonly { id: string }[],
  first: number,
  { orders, cancelled }: Acknowledged,
): Promise<void> => {
  for (let turn = first; ; turn += 1) {
    const [one, two] = [products[turn % products.length], products[(turn + 1) % products.length]];
    if (!one || !two) return;
    const id = placedIn(
      await customer.order(
        orderFor(
          [
            { productId: one.id, quantity: 1 },
            { productId: two.id, quantity: 2 },
          ],
          METHODS[turn % METHODS.length],
        ),
      ),
    );
    if (id === undefined) continue;
    orders.add(id);
    if (turn % 5 === 0 && (await customer.post(`/api/orders/${id}/cancel`)).status === 200) cancelled.add(id);
  }
};

const everyOrder = async (customer: Client): Promise<Order[]> => {
  const all: Order[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const { data } = (await customer.get<{ data: Page<Order> }>(`/api/orders?expand=items&limit=100&page=${page}`))
      .body;
    all.push(...data.items);
    ({ pages } = data);
  }
  return all;
};

const AT_REST: Readonly<Record<Order["status"], readonly Order["payment"]["status"][]>> = {
  pending: [],
  confirmed: ["captured"],
  // Declined, or out of stock and never asked for.
  rejected: ["declined", "pending"],
  cancelled: ["voided", "refunded", "declined"],
  shipped: ["captured"],
  delivered: ["captured"],
  refunded: ["refunded"],
};
const isAtRest = ({ status, payment }: Order) => AT_REST[status].includes(payment.status);

/** What the payment company's own book says, by order. */
const bookOf = async (dataDir: string): Promise<Map<string, BookEntry>> => {
  const store = await openStore("sandbox", { DATA_DIR: dataDir });
  try {
    const book = await store.collection<BookEntry>("book");
    return new Map((await book.find()).map(entry => [entry._id, entry]));
  } finally {
    await store.close();
  }
};

const pieces = (orders: readonly Order[], id: string) =>
  orders
    .filter(({ status }) => status === "confirmed")
    .flatMap(({ items }) => items)
    .reduce((sum, item) => sum + (item.productId === id ? item.quantity : 0), 0);

const PROMISE =
  `after ${KILLS} × kill -9 under load every acknowledged order is there and settled, ` +
  "every piece and every cent accounted for";
test(
  PROMISE,
  async () => {
    let world = await World.start({ env: { PAYMENT_TIMEOUT_MS: "200" } });
    let customer = await world.customer();
    const products = [await world.product(STOCK), await world.product(STOCK), await world.product(STOCK)];
    const acknowledged: Acknowledged = { orders: new Set(), cancelled: new Set() };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const buying = Array.from({ length: BUYERS }, (_, buyer) => buy(customer, products, buyer + kill, acknowledged));
      const seen = acknowledged.orders.size;
      await eventually("some orders have come in", () => acknowledged.orders.size >= seen + BUYERS);
      await setTimeout(kill * 40);
      await world.shop.end("SIGKILL");
      await Promise.allSettled(buying);
      world = await World.start({ dataDir: world.shop.dataDir, env: { PAYMENT_TIMEOUT_MS: "200" } });
      customer = new Client(world.shop.address, customer.token);
    }

    let orders: Order[] = [];
    await eventually(
      "every order is settled",
      async () => (orders = await everyOrder(customer)).every(isAtRest),
      30_000,
    );
    const byId = new Map(orders.map(order => [order.id, order]));
    expect([...acknowledged.orders].filter(id => !byId.has(id))).toEqual([]);
    expect([...acknowledged.cancelled].filter(id => byId.get(id)?.status !== "cancelled")).toEqual([]);
    for (const product of products) {
      const left = STOCK - pieces(orders, product.id);
      // A step that was cut off with its client is taken up by the sweep, a little later.
      await eventually(`${left} pieces are left of ${product.id}, and none is held`, async () =>
        isDeepStrictEqual(await world.left(product), { stock: left, available: left }),
      );
    }
    const kept = [...(await bookOf(world.shop.dataDir))].map(([id, { authorized, captured, voided, refunded }]) => ({
      id,
      held: authorized - captured - voided,
      taken: captured - refunded,
    }));
    const owed = kept.map(({ id }) => ({
      id,
      held: 0,
      taken: byId.get(id)?.status === "confirmed" ? byId.get(id)?.total.amount : 0,
    }));
    expect(kept).toEqual(owed);
    await world.shop.end("SIGTERM");
    const count = (status: Order["status"]) => orders.filter(order => order.status === status).length;
    console.info(
      `${KILLS} kills: ${acknowledged.orders.size} orders acknowledged, ${orders.length} placed, 0 lost; ` +
        `${count("confirmed")} confirmed, ${count("rejected")} rejected, ${count("cancelled")} cancelled; ` +
        `${kept.length} payments in the book, all right.`,
    );
  },
  180_000,
);

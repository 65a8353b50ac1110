// The monolith's orders: what is to be written about one, each time in one transaction with the stock, the log and the
// mail.
import { parentPort, workerData } from "node:worker_threads";
import { type Db, first, openDatabase } from "./database";
import { serveWrites } from "./group-commit";
import type { NewProduct, Order, OrderLine, PlaceOrder } from "./shapes";
import { TABLES } from "./tables";

const MAX_PENDING = 20;
const CURRENCY = "USD";

export type Placed =
  { outcome: "placed" | "repeat"; order: Order } | { outcome: "refused"; status: number; error: string };

interface ProductRow {
  sku: string;
  name: string;
  price: number;
  currency: string;
  available: number;
}
type Payment = Order["payment"];

const lineOf = (productId: string, quantity: number, { sku, name, price, currency }: ProductRow): OrderLine => ({
  productId,
  sku,
  name,
  unitPrice: { amount: price, currency },
  quantity,
  lineTotal: { amount: price * quantity, currency },
});

const merged = (items: PlaceOrder["items"]): Map<string, number> => {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of items) quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  return quantities;
};

const operationsOn = (db: Db) => {
  const findOrder = db.prepare("SELECT body, request_hash FROM orders WHERE id = ?");
  const countPending = db.prepare("SELECT count(*) AS pending FROM orders WHERE user_id = ? AND status = 'pending'");
  const findProduct = db.prepare(
    "SELECT sku, name, price, currency, stock - reserved AS available FROM products WHERE id = ?",
  );
  const hold = db.prepare("UPDATE products SET reserved = reserved + ? WHERE id = ?");
  const sell = db.prepare("UPDATE products SET reserved = reserved - ?1, stock = stock - ?1 WHERE id = ?2");
  const insertOrder = db.prepare(
    "INSERT INTO orders (id, user_id, status, payment_status, created_at, request_hash, body) VALUES (?,?,?,?,?,?,?)",
  );
  const updateOrder = db.prepare("UPDATE orders SET status = ?, payment_status = ?, body = ? WHERE id = ?");
  const insertEvent = db.prepare("INSERT INTO events (stream, version, type, at, data) VALUES (?,?,?,?,?)");
  const insertMail = db.prepare("INSERT INTO mails (order_id, user_id, kind, at) VALUES (?,?,?,?)");
  const insertProduct = db.prepare(
    "INSERT INTO products (id, sku, name, description, category, price, currency, stock) VALUES (?,?,?,?,?,?,?,?)",
  );

  const find = (id: string) => {
    const row = first<{ body: string; request_hash: string }>(findOrder, id);
    return row && { order: JSON.parse(row.body) as Order, requestHash: row.request_hash };
  };
  const record = ({ id, version, updatedAt }: Order, type: string, data: object) =>
    insertEvent.run(id, version, type, updatedAt, JSON.stringify(data));
  const move = (order: Order, status: string, payment: Partial<Payment>, at: string): Order => {
    const moved = { ...order, status, payment: { ...order.payment, ...payment } };
    const next = { ...moved, version: order.version + 1, updatedAt: at };
    updateOrder.run(next.status, next.payment.status, JSON.stringify(next), next.id);
    return next;
  };

  return {
    /** Holds the pieces and writes the order down, or says why not. */
    place(id: string, userId: string, request: PlaceOrder, requestHash: string, at: string): Placed {
      const known = find(id);
      if (known)
        return known.requestHash === requestHash
          ? { outcome: "repeat", order: known.order }
          : { outcome: "refused", status: 422, error: "IDEMPOTENCY_KEY_REUSED" };
      if (Number(first<{ pending: number }>(countPending, userId)?.pending) >= MAX_PENDING)
        return { outcome: "refused", status: 429, error: "TOO_MANY_PENDING_ORDERS" };
      const items: OrderLine[] = [];
      for (const [productId, quantity] of merged(request.items)) {
        const product = first<ProductRow>(findProduct, productId);
        if (!product || product.currency !== CURRENCY)
          return { outcome: "refused", status: 400, error: "VALIDATION_FAILED" };
        if (product.available < quantity) return { outcome: "refused", status: 409, error: "OUT_OF_STOCK" };
        items.push(lineOf(productId, quantity, product));
      }
      const amount = items.reduce((sum, { lineTotal }) => sum + lineTotal.amount, 0);
      const order: Order = {
        id,
        userId,
        status: "pending",
        items,
        total: { amount, currency: CURRENCY },
        shippingAddress: request.shippingAddress,
        payment: { method: request.payment.method, status: "pending", reference: null },
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      insertOrder.run(id, userId, "pending", "pending", at, requestHash, JSON.stringify(order));
      for (const { productId, quantity } of items) hold.run(quantity, productId);
      record(order, "OrderPlaced", { ...request, items, total: order.total, userId, requestHash });
      return { outcome: "placed", order };
    },

    /** The money is held: the order is confirmed, its pieces are sold, its mail is queued. Once. */
    confirm(id: string, reference: string, at: string): Order | undefined {
      const order = find(id)?.order;
      if (order?.status !== "pending") return order;
      for (const { productId, quantity } of order.items) sell.run(quantity, productId);
      const confirmed = move(order, "confirmed", { status: "authorized", reference }, at);
      record(confirmed, "OrderConfirmed", { reference });
      insertMail.run(id, order.userId, "OrderConfirmed", at);
      return confirmed;
    },

    /** No money: the pieces go back. Once. */
    reject(id: string, at: string): Order | undefined {
      const order = find(id)?.order;
      if (order?.status !== "pending") return order;
      for (const { productId, quantity } of order.items) hold.run(-quantity, productId);
      const rejected = move(order, "rejected", { status: "declined" }, at);
      record(rejected, "OrderRejected", { code: "PAYMENT_DECLINED" });
      insertMail.run(id, order.userId, "OrderRejected", at);
      return rejected;
    },

    captured(id: string, at: string): void {
      const order = find(id)?.order;
      if (order?.payment.status !== "authorized") return;
      record(move(order, order.status, { status: "captured" }, at), "PaymentCaptured", {});
    },

    /** What an earlier process has left half done. */
    unsettled(): Order[] {
      const rows = db.prepare("SELECT body FROM orders WHERE payment_status IN ('pending', 'authorized')").all();
      return (rows as { body: string }[]).map(({ body }) => JSON.parse(body) as Order);
    },

    addProduct(id: string, { sku, name, description, category, price, stock }: NewProduct): void {
      insertProduct.run(id, sku, name, description, category, price.amount, price.currency, stock);
    },

    product(id: string): unknown {
      return first(findProduct, id);
    },

    order(id: string): Order | undefined {
      return find(id)?.order;
    },
  };
};
export type Orders = ReturnType<typeof operationsOn>;

if (parentPort) {
  const db = openDatabase(workerData as string, TABLES);
  serveWrites(parentPort, db, operationsOn(db));
}

// What a small, flawless run leaves behind: three orders, for tests that spoil one thing of it.
import type { Recorded } from "../../lib/events/event-store";
import type { Answer, Facts, LogCommit, OrderEvent, PaymentEvent, ProductEvent } from "../guarantees/check/facts";

const PRICE = 500;
export const PRODUCT = "prd_mug";
const usd = (amount: number) => ({ amount, currency: "USD" });

interface Written {
  stream: string;
  type: string;
  data?: object;
}

/** A log of commits, each with its events; versions and positions follow one another. */
const logOf = <E extends Recorded>(...commits: readonly Written[][]): LogCommit<E>[] => {
  const versions = new Map<string, number>();
  return commits.map((events, index) => ({
    position: index + 1,
    id: `commit-${index + 1}`,
    events: events.map(({ stream, type, data = {} }) => {
      const version = (versions.get(stream) ?? 0) + 1;
      versions.set(stream, version);
      const recorded = { id: `${stream}-${version}`, type, aggregateId: stream, version, data, timestamp: "" };
      return recorded as Recorded as E;
    }),
  }));
};

const placed = (key: string, quantity: number): object => ({
  userId: "usr_kim",
  requestHash: key,
  items: [
    {
      productId: PRODUCT,
      sku: "MUG",
      name: "Mug",
      quantity,
      unitPrice: usd(PRICE),
      lineTotal: usd(PRICE * quantity),
    },
  ],
  total: usd(PRICE * quantity),
  shippingAddress: { name: "Kim", line1: key, city: "Seoul", postalCode: "03154", country: "KR" },
  paymentMethod: "sandbox:ok",
});

/** One commit for each of these events of an order. */
export const orderLog = (id: string, key: string, quantity: number, ...types: readonly OrderEvent["type"][]) => [
  [{ stream: id, type: "OrderPlaced", data: placed(key, quantity) }],
  ...types.map(type => [{ stream: id, type }]),
];

const moved = (orderId: string, quantity: number, type: string) => [
  { stream: `reservation-${orderId}`, type: "ReservationHeld" },
  { stream: PRODUCT, type, data: { orderId, quantity } },
];
const created = [{ stream: PRODUCT, type: "ProductCreated", data: { stock: 10 } }];
const added = [{ stream: PRODUCT, type: "StockAdjusted", data: { delta: 3 } }];

const entry = (id: string, amount: number, status: "captured" | "refunded") => ({
  _id: id,
  status,
  amount: usd(amount),
  authorized: amount,
  captured: amount,
  voided: 0,
  refunded: status === "refunded" ? amount : 0,
  history: [],
});

const answer = (status: number, orderId: string, version: number, replayed = false): Answer => ({
  status,
  orderId,
  version,
  text: `order ${orderId}`,
  ...(replayed ? { replayed } : {}),
});

const CONFIRMED = ["StockReserved", "PaymentAuthorized", "OrderConfirmed", "StockSold", "PaymentCaptured"] as const;
const CANCELLED = [...CONFIRMED, "OrderCancelled", "StockReleased", "PaymentRefunded"] as const;

/** `o1` has its 2 pieces, `o2` was confirmed and cancelled, `o3` found too few; 13 pieces came and 11 are left. */
export const flawless = (): Facts => {
  const orders = logOf<OrderEvent>(
    ...orderLog("o1", "key-1", 2, ...CONFIRMED),
    ...orderLog("o2", "key-2", 3, ...CANCELLED),
    ...orderLog("o3", "key-3", 99, "OrderRejected", "StockReleased"),
  );
  const events = orders.flatMap(commit => commit.events);
  const order = (id: string, status: "confirmed" | "cancelled" | "rejected", payment: string) => ({
    id,
    status,
    version: events.filter(({ aggregateId }) => aggregateId === id).length,
    payment: { method: "sandbox:ok", status: payment, reference: null } as never,
  });
  const shown = (gateway: string) => ({
    gateway,
    orders: [
      order("o1", "confirmed", "captured"),
      order("o2", "cancelled", "refunded"),
      order("o3", "rejected", "pending"),
    ],
    products: [{ id: PRODUCT, stock: 11, available: 11, version: 7 }],
  });
  return {
    orders,
    products: logOf<ProductEvent>(
      created,
      moved("o1", 2, "StockReserved"),
      moved("o1", 2, "StockSold"),
      moved("o2", 3, "StockReserved"),
      moved("o2", 3, "StockSold"),
      moved("o2", 3, "StockReturned"),
      added,
    ),
    payments: logOf<PaymentEvent>([{ stream: "payment-o1", type: "PaymentRequested" }]),
    book: [entry("o1", 1000, "captured"), entry("o2", 1500, "refunded")],
    mails: ["o1-4", "o2-4", "o2-7", "o3-2"].map((eventId, writtenAt) => ({ eventId, writtenAt })),
    heldBack: [],
    purchases: [
      { key: "key-1", answers: [{ status: "unknown" }, answer(201, "o1", 6), answer(201, "o1", 6, true)] },
      { key: "key-2", answers: [answer(201, "o2", 6)] },
      { key: "key-3", answers: [{ status: 409, orderId: "o3", text: "too few" }] },
    ],
    deeds: [{ orderId: "o2", change: "cancel", answers: [answer(200, "o2", 9)] }],
    restocks: [{ productId: PRODUCT, delta: 3, answers: [{ status: 200 }, { status: 200, replayed: true }] }],
    readings: [{ orderId: "o1", toldVersion: 6, events: events.filter(({ aggregateId }) => aggregateId === "o1") }],
    shown: [shown("api-1"), shown("api-2")],
    damage: [],
  };
};

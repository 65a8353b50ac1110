// G2: no piece is sold that was not there, none is lost, and products and orders agree on who has it.
import type { Facts } from "./facts";
import { isOn, type Story } from "./story";

interface Pieces {
  stock: number;
  reserved: number;
  /** All that ever came, without what was sold. */
  came: number;
  /** What each order has of it, as products knows. */
  readonly orders: Map<string, { held: number; sold: number; moves: string[] }>;
}

interface Move {
  type: "StockReserved" | "StockSold" | "StockReleased" | "StockReturned";
  orderId: string;
  quantity: number;
}

/** What may follow on what, in one order's share of one product. */
const JOURNEYS = new Set(
  ["", "StockReserved", "StockReserved,StockSold", "StockReserved,StockReleased"].concat(
    "StockReserved,StockSold,StockReturned",
  ),
);

const move = (pieces: Pieces, { type, orderId, quantity }: Move): void => {
  const share = pieces.orders.get(orderId) ?? { held: 0, sold: 0, moves: [] };
  pieces.orders.set(orderId, share);
  share.moves.push(type);
  const held = { StockReserved: quantity, StockSold: -quantity, StockReleased: -quantity, StockReturned: 0 }[type];
  const sold = { StockReserved: 0, StockSold: quantity, StockReleased: 0, StockReturned: -quantity }[type];
  share.held += held;
  share.sold += sold;
  pieces.reserved += held;
  pieces.stock -= sold;
};

interface Count {
  readonly products: ReadonlyMap<string, Pieces>;
  readonly violations: string[];
}

/** Follows every piece through the log of products. */
const count = (log: Facts["products"]): Count => {
  const products = new Map<string, Pieces>();
  const violations: string[] = [];
  for (const event of log.flatMap(({ events }) => events)) {
    const id = event.aggregateId;
    const pieces = products.get(id);
    if (event.type === "ProductCreated") {
      const { stock } = event.data;
      products.set(id, { stock, reserved: 0, came: stock, orders: new Map() });
    } else if (pieces && event.type === "StockAdjusted") {
      pieces.stock += event.data.delta;
      pieces.came += event.data.delta;
    } else if (pieces && "quantity" in event.data && "orderId" in event.data) {
      move(pieces, { type: event.type as Move["type"], ...event.data });
      if (pieces.reserved > pieces.stock)
        violations.push(`${pieces.reserved} pieces of ${id} were held with ${pieces.stock} in stock, by ${event.id}`);
      if (pieces.reserved < 0 || pieces.stock < 0)
        violations.push(`less than nothing is left of ${id}, by ${event.id}`);
    }
  }
  return { products, violations };
};

const quantityIn = ({ placed }: Story, productId: string) =>
  placed?.items.find(item => item.productId === productId)?.quantity ?? 0;

/** What an order has of a product when it has come to rest: refunded goods stay with the customer. */
const sharePlanned = (story: Story, productId: string) =>
  isOn(story) || story.status === "refunded" ? quantityIn(story, productId) : 0;

const disagreements = (id: string, { orders }: Pieces, stories: ReadonlyMap<string, Story>): string[] =>
  [...orders].flatMap(([orderId, { held, sold, moves }]) => {
    const story = stories.get(orderId);
    if (!story) return [`pieces of ${id} have moved for ${orderId}, which is no order`];
    const wanted = sharePlanned(story, id);
    return [
      ...(JOURNEYS.has(moves.join()) ? [] : [`order ${orderId} moved pieces of ${id}: ${moves.join()}`]),
      ...(held === 0 ? [] : [`order ${orderId} (${story.status}) still holds ${held} pieces of ${id}`]),
      ...(held !== 0 || sold === wanted
        ? []
        : [`order ${orderId} (${story.status}) has ${sold} of ${id}, not ${wanted}`]),
    ];
  });

const missing = (story: Story, products: ReadonlyMap<string, Pieces>): string[] =>
  (story.placed?.items ?? [])
    .filter(({ productId }) => sharePlanned(story, productId) > 0 && !products.get(productId)?.orders.has(story.id))
    .map(({ productId }) => `order ${story.id} (${story.status}) never got its ${productId}`);

const total = (id: string, { came, stock, orders }: Pieces): string[] => {
  const sold = [...orders.values()].reduce((sum, share) => sum + share.sold, 0);
  return came === stock + sold ? [] : [`${came} pieces of ${id} came, ${stock} are there and ${sold} sold`];
};

/** G2: never more sold than there were, and every piece accounted for in both logs. */
export const misplaced = (facts: Facts, stories: ReadonlyMap<string, Story>): string[] => {
  const { products, violations } = count(facts.products);
  return [
    ...violations,
    ...[...products].flatMap(([id, pieces]) => [...disagreements(id, pieces, stories), ...total(id, pieces)]),
    ...[...stories.values()].flatMap(story => missing(story, products)),
  ];
};

// G6: whoever follows a log has taken each of its events in, once and in order: mails, lists, and the gateways' pages.
import type { Facts, OrderEvent, Shown } from "./facts";
import { grouped } from "./grouped";
import type { Story } from "./story";

/** Events that a customer hears of by mail. */
const HEARD: readonly OrderEvent["type"][] = [
  "OrderConfirmed",
  "OrderRejected",
  "OrderCancelled",
  "OrderShipped",
  "OrderRefunded",
];
/** Mails that an address gets at least, though nobody has verified it. */
const UNVERIFIED_SHARE = 5;

const wrongMails = ({ mails, heldBack }: Facts, stories: ReadonlyMap<string, Story>): string[] => {
  const sent = grouped(mails, ({ eventId }) => eventId);
  const dropped = new Map(heldBack.map(({ eventId, sentToMailbox }) => [eventId, sentToMailbox]));
  const due = [...stories.values()].flatMap(({ events }) => events.filter(({ type }) => HEARD.includes(type)));
  const expected = new Set(due.map(({ id }) => id));
  return [
    ...due.flatMap(({ id, type }) => {
      const times = sent.get(id)?.length ?? 0;
      if (times > 1) return [`the mail about ${id} (${type}) was written ${times} times`];
      if (times === 1) return [];
      const share = dropped.get(id);
      if (share === undefined) return [`there is no mail about ${id} (${type})`];
      return share < UNVERIFIED_SHARE ? [`the mail about ${id} was held back after ${share}`] : [];
    }),
    ...[...sent.keys()].filter(id => !expected.has(id)).map(id => `a mail is about ${id}, of which nobody hears`),
  ];
};

const outOfOrder = ({ mails }: Facts, stories: ReadonlyMap<string, Story>): string[] => {
  const written = new Map(mails.map(({ eventId, writtenAt }) => [eventId, writtenAt]));
  return [...stories.values()].flatMap(({ id, events }) => {
    const times = events.map(event => written.get(event.id)).filter(time => time !== undefined);
    const late = times.some((time, index) => time < (times[index - 1] ?? 0));
    return late ? [`the mails about order ${id} were written in another order than it went`] : [];
  });
};

const wrongOrders = ({ gateway, orders }: Shown, stories: ReadonlyMap<string, Story>): string[] => {
  const shown = new Map(orders.map(order => [order.id, order]));
  return [
    ...[...stories.values()].flatMap(({ id, status, version, paymentStatus }) => {
      const order = shown.get(id);
      if (!order) return [`${gateway} does not list order ${id}`];
      const [is, says] = [
        [status, paymentStatus, version],
        [order.status, order.payment.status, order.version],
      ];
      return is.join() === says.join()
        ? []
        : [`${gateway} lists order ${id} as ${says.join()}, and it is ${is.join()}`];
    }),
    ...orders.filter(({ id }) => !stories.has(id)).map(({ id }) => `${gateway} lists order ${id}, which is in no log`),
  ];
};

interface Left {
  stock: number;
  reserved: number;
  version: number;
}

const leftIn = (log: Facts["products"]): Map<string, Left> => {
  const products = new Map<string, Left>();
  for (const event of log.flatMap(({ events }) => events)) {
    const left = products.get(event.aggregateId);
    if (event.type === "ProductCreated")
      products.set(event.aggregateId, { stock: event.data.stock, reserved: 0, version: 1 });
    if (!left) continue;
    left.version = event.version;
    if (event.type === "StockAdjusted") left.stock += event.data.delta;
    if (event.type === "StockReserved") left.reserved += event.data.quantity;
    if (event.type === "StockReleased" || event.type === "StockSold") left.reserved -= event.data.quantity;
    if (event.type === "StockSold") left.stock -= event.data.quantity;
    if (event.type === "StockReturned") left.stock += event.data.quantity;
  }
  return products;
};

const wrongProducts = ({ gateway, products }: Shown, left: ReadonlyMap<string, Left>): string[] =>
  products.flatMap(({ id, stock, available, version }) => {
    const now = left.get(id);
    const is = now && [now.stock, now.stock - now.reserved, now.version].join();
    const says = [stock, available, version].join();
    return is === says ? [] : [`${gateway} shows ${id} with ${says} (stock, available, version), and it is ${is}`];
  });

/** G6: mails, read models and pages say what the logs say. */
export const behind = (facts: Facts, stories: ReadonlyMap<string, Story>): string[] => {
  const left = leftIn(facts.products);
  return [
    ...wrongMails(facts, stories),
    ...outOfOrder(facts, stories),
    ...facts.shown.flatMap(shown => [...wrongOrders(shown, stories), ...wrongProducts(shown, left)]),
  ];
};

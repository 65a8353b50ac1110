// G1 and G3: what clients were told is so, and one key is one order with one answer.
import type { Answer, Change, Deed, Facts, OrderEvent, Purchase, Reading, Restock } from "./facts";
import { grouped } from "./grouped";
import type { Story } from "./story";

type Stories = ReadonlyMap<string, Story>;

const EVENT: Readonly<Record<Change, OrderEvent["type"]>> = {
  cancel: "OrderCancelled",
  refund: "OrderRefunded",
  ship: "OrderShipped",
  deliver: "OrderDelivered",
};

const told = ({ answers }: { answers: readonly Answer[] }) => answers.filter(({ orderId }) => orderId !== undefined);
const isDone = ({ answers }: { answers: readonly Answer[] }) => answers.some(({ status }) => status === 200);

const lostOrders = (purchase: Purchase, stories: Stories): string[] =>
  told(purchase).flatMap(({ orderId = "", version = 0, status }) => {
    const story = stories.get(orderId);
    if (!story) return [`order ${orderId} was acknowledged (${status}) and is not in the log`];
    return story.version < version
      ? [`order ${orderId} was shown at version ${version} and the log has ${story.version}`]
      : [];
  });

const lostDeeds = (deed: Deed, stories: Stories): string[] =>
  isDone(deed) && !stories.get(deed.orderId)?.has(EVENT[deed.change])
    ? [`"${deed.change}" of order ${deed.orderId} was acknowledged and is not in the log`]
    : [];

const wrongReading = ({ orderId, toldVersion, events }: Reading, stories: Stories): string[] => {
  if (!events) return [`order ${orderId} was acknowledged and not found afterwards`];
  if (events.length < toldVersion)
    return [`order ${orderId} was shown at version ${toldVersion}, and afterwards with ${events.length} events`];
  const written = stories.get(orderId)?.events ?? [];
  const other = events.find(({ id, type }, index) => written[index]?.id !== id || written[index]?.type !== type);
  return other ? [`event ${other.id} (${other.type}) was read and is not in the log`] : [];
};

/** G1: whatever was acknowledged is in the log, with all its events, and could be read. */
export const lost = ({ purchases, deeds, readings }: Facts, stories: Stories): string[] => [
  ...purchases.flatMap(purchase => lostOrders(purchase, stories)),
  ...deeds.flatMap(deed => lostDeeds(deed, stories)),
  ...readings.flatMap(reading => wrongReading(reading, stories)),
];

const finalAnswers = (purchase: Purchase) => told(purchase).filter(({ status }) => status !== 202);

const differing = (purchase: Purchase): string[] => {
  const { key } = purchase;
  const ids = new Set(told(purchase).map(({ orderId }) => orderId));
  const texts = new Set(finalAnswers(purchase).map(({ status, text }) => `${status} ${text}`));
  const firsts = told(purchase).filter(({ replayed }) => replayed !== true).length;
  return [
    ...(ids.size > 1 ? [`key ${key} was answered with orders ${[...ids].join(" and ")}`] : []),
    ...(texts.size > 1 ? [`key ${key} has ${texts.size} final answers: ${[...texts].join(" / ")}`] : []),
    ...(firsts > 1 ? [`key ${key} was answered ${firsts} times as if for the first time`] : []),
  ];
};

/** Keys with more than one order in the log, whoever was told of them; and orders that nobody has asked for. */
const doubled = (purchases: readonly Purchase[], stories: Stories): string[] => {
  const keys = new Set(purchases.map(({ key }) => key));
  const byKey = grouped([...stories.values()], ({ placed }) => placed?.shippingAddress.line1 ?? "");
  return [...byKey].flatMap(([key, orders]) => [
    ...(orders.length > 1 ? [`key ${key} has orders ${orders.map(({ id }) => id).join(" and ")}`] : []),
    ...(keys.has(key) ? [] : [`nobody has asked for order ${orders[0]?.id}`]),
  ]);
};

const sum = (restocks: readonly Restock[]) => restocks.reduce((total, { delta }) => total + delta, 0);

/** Each key has added its pieces once, if it was acknowledged, and at most once, if nobody knows. */
const restockedTwice = ({ restocks, products }: Facts): string[] => {
  const adjusted = products
    .flatMap(({ events }) => events)
    .reduce((total, event) => total + (event.type === "StockAdjusted" ? event.data.delta : 0), 0);
  const [known, unknown] = [sum(restocks.filter(isDone)), sum(restocks.filter(restock => !isDone(restock)))];
  return adjusted < known || adjusted > known + unknown
    ? [`${known} pieces were added for certain, ${unknown} perhaps, and ${adjusted} have come`]
    : [];
};

/** G3: one key is one order, once, with one answer. */
export const repeated = (facts: Facts, stories: Stories): string[] => [
  ...facts.purchases.flatMap(differing),
  ...doubled(facts.purchases, stories),
  ...restockedTwice(facts),
];

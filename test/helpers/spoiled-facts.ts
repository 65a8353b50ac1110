// Spoils one thing of what a flawless run leaves behind, and says what the checker finds wrong then.
import { check } from "../guarantees/check/checker";
import type { Facts, Guarantee, LogCommit, OrderEvent, ProductEvent } from "../guarantees/check/facts";
import { flawless } from "./facts";

/** What is wrong, by guarantee. */
export const wrong = (facts: Facts) =>
  Object.fromEntries(
    check(facts)
      .filter(({ violations }) => violations.length > 0)
      .map(({ guarantee, violations }) => [guarantee, violations]),
  );

export type Spoil = (facts: Facts) => Partial<Facts>;

/** The log without these events; later ones move up, as in a history in which they never happened. */
export const without = <E extends OrderEvent | ProductEvent>(log: readonly LogCommit<E>[], ...ids: string[]) => {
  const versions = new Map<string, number>();
  return log
    .map(commit => ({ ...commit, events: commit.events.filter(({ id }) => !ids.includes(id)) }))
    .filter(({ events }) => events.length > 0)
    .map((commit, index) => ({
      ...commit,
      position: index + 1,
      events: commit.events.map(event => {
        const version = (versions.get(event.aggregateId) ?? 0) + 1;
        versions.set(event.aggregateId, version);
        return { ...event, version };
      }),
    }));
};

/** The log with one more commit, of one event. */
export const followedBy = <E extends OrderEvent | ProductEvent>(
  log: readonly LogCommit<E>[],
  stream: string,
  type: E["type"],
  data: object = {},
): LogCommit<E>[] => {
  const version = 1 + log.flatMap(({ events }) => events).filter(event => event.aggregateId === stream).length;
  const event = { id: `${stream}-${version}`, type, aggregateId: stream, version, data, timestamp: "" };
  return [...log, { position: log.length + 1, id: `commit-${log.length + 1}`, events: [event as E] }];
};

export const entryOf = ({ book }: Facts, change: object) =>
  book.map((entry, index) => (index ? entry : { ...entry, ...change }));
export const purchased = ({ purchases }: Facts, ...answers: Facts["purchases"][number]["answers"]) =>
  purchases.map((purchase, index) => (index ? purchase : { ...purchase, answers }));
export const pieces = (orderId: string, quantity: number) => ({ orderId, quantity });

/** What the event of an order has that came with this key. */
export const placing = (key: string) => {
  const [first] = flawless().orders[0]!.events;
  const { shippingAddress, ...data } = (first as Extract<OrderEvent, { type: "OrderPlaced" }>).data;
  return { ...data, shippingAddress: { ...shippingAddress, line1: key } };
};

/** A guarantee, what breaks it, how the facts are then, and what is said of it. */
export type Seen = readonly [Guarantee, string, Spoil, RegExp];

/** One test a violation. */
export const sees = (seen: readonly Seen[]): void => {
  test.each(seen)("%s: it sees %s", (guarantee, _what, spoil, words) => {
    const facts = flawless();
    expect(wrong({ ...facts, ...spoil(facts) })[guarantee]?.join("\n")).toMatch(words);
  });
};

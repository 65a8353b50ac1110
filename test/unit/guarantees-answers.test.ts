// The checker of runs with faults: it sees what was acknowledged and is lost, and what was done twice (G1, G3).
import { PRODUCT } from "../helpers/facts";
import { followedBy, placing, purchased, sees } from "../helpers/spoiled-facts";

sees([
  [
    "G1",
    "an acknowledged order that is in no log",
    facts => ({ purchases: purchased(facts, { status: 202, orderId: "o9" }) }),
    /o9 was acknowledged/,
  ],
  [
    "G1",
    "an order that has lost the events that were shown",
    facts => ({ purchases: purchased(facts, { status: 201, orderId: "o1", version: 7, text: "" }) }),
    /shown at version 7/,
  ],
  [
    "G1",
    "an acknowledged cancel that never was",
    ({ deeds }) => ({ deeds: [...deeds, { orderId: "o1", change: "cancel", answers: [{ status: 200 }] }] }),
    /"cancel" of order o1/,
  ],
  [
    "G1",
    "an acknowledged order that is not found",
    () => ({ readings: [{ orderId: "o1", toldVersion: 1, events: undefined }] }),
    /not found/,
  ],
  [
    "G1",
    "a reader who is shown less than before",
    ({ readings }) => ({ readings: readings.map(one => ({ ...one, events: one.events?.slice(0, 2) })) }),
    /afterwards with 2 events/,
  ],
  [
    "G1",
    "an event that was read and is gone",
    ({ readings }) => ({
      readings: readings.map(one => ({ ...one, events: one.events?.map(event => ({ ...event, type: "Other" })) })),
    }),
    /was read and is not in the log/,
  ],
  [
    "G3",
    "a key with two orders in the log",
    ({ orders }) => ({ orders: followedBy(orders, "o4", "OrderPlaced", placing("key-1")) }),
    /key key-1 has orders o1 and o4/,
  ],
  [
    "G3",
    "an order that nobody wanted",
    ({ orders }) => ({ orders: followedBy(orders, "o4", "OrderPlaced", placing("key-4")) }),
    /nobody has asked for order o4/,
  ],
  [
    "G3",
    "two orders in the answers to one key",
    facts => ({ purchases: purchased(facts, { status: 201, orderId: "o1" }, { status: 201, orderId: "o2" }) }),
    /orders o1 and o2/,
  ],
  [
    "G3",
    "another answer to a repeat",
    facts => ({
      purchases: purchased(
        facts,
        { status: 201, orderId: "o1", text: "a" },
        { status: 201, orderId: "o1", text: "b", replayed: true },
      ),
    }),
    /2 final answers/,
  ],
  [
    "G3",
    "two first answers",
    facts => ({ purchases: purchased(facts, { status: 201, orderId: "o1" }, { status: 201, orderId: "o1" }) }),
    /2 times as if/,
  ],
  [
    "G3",
    "pieces that one key added twice",
    ({ products }) => ({ products: followedBy(products, PRODUCT, "StockAdjusted", { delta: 3 }) }),
    /3 pieces were added for certain/,
  ],
]);

// The checker of runs with faults: it sees each piece and each cent that is not where it belongs (G2, G5).
import { flawless, PRODUCT } from "../helpers/facts";
import { entryOf, followedBy, pieces, sees, without, wrong } from "../helpers/spoiled-facts";

sees([
  [
    "G2",
    "more pieces held than there are",
    ({ products }) => ({ products: followedBy(products, PRODUCT, "StockReserved", pieces("o3", 99)) }),
    /99 pieces of .* were held with 11/,
  ],
  [
    "G2",
    "pieces that an order holds for ever",
    ({ products }) => ({ products: followedBy(products, PRODUCT, "StockReserved", pieces("o3", 9)) }),
    /still holds 9/,
  ],
  [
    "G2",
    "pieces that went back and were never returned",
    ({ products }) => ({ products: without(products, `${PRODUCT}-6`) }),
    /o2 \(cancelled\) has 3 .*, not 0/,
  ],
  [
    "G2",
    "pieces that were sold twice",
    ({ products }) => ({ products: followedBy(products, PRODUCT, "StockSold", pieces("o1", 2)) }),
    /StockReserved,StockSold,StockSold/,
  ],
  [
    "G2",
    "a confirmed order without its pieces",
    ({ products }) => ({ products: without(products, `${PRODUCT}-2`, `${PRODUCT}-3`) }),
    /o1 \(confirmed\) never got/,
  ],
  [
    "G5",
    "an order that is never settled",
    ({ orders }) => ({ orders: without(orders, "o3-2", "o3-3") }),
    /o3 is pending/,
  ],
  [
    "G5",
    "an order that keeps its stock after its end",
    ({ orders }) => ({ orders: without(orders, "o3-3") }),
    /o3 .* stock is not given back/,
  ],
  [
    "G5",
    "an event that took effect twice",
    ({ orders }) => ({ orders: followedBy(orders, "o2", "PaymentRefunded") }),
    /PaymentRefunded is there twice/,
  ],
  ["G5", "an order with two ends", ({ orders }) => ({ orders: followedBy(orders, "o2", "OrderRefunded") }), /two ends/],
  [
    "G5",
    "a confirmation after the end",
    ({ orders }) => ({ orders: followedBy(orders, "o3", "OrderConfirmed") }),
    /confirmed after its end/,
  ],
  [
    "G5",
    "money that was taken twice",
    facts => ({ book: entryOf(facts, { captured: 2000, authorized: 2000 }) }),
    /something twice/,
  ],
  ["G5", "money that is held for ever", facts => ({ book: entryOf(facts, { captured: 0 }) }), /1000 is still held/],
  [
    "G5",
    "money of an order that was never confirmed",
    ({ book, orders }) => ({ book, orders: without(orders, "o2-4") }),
    /captured without a confirmation/,
  ],
  [
    "G5",
    "money that was given back to who has the goods",
    facts => ({ book: entryOf(facts, { refunded: 1000 }) }),
    /0 is taken, and 1000 owed/,
  ],
  ["G5", "a payment for no order", ({ book }) => ({ book: [...book, { ...book[0]!, _id: "o9" }] }), /no such order/],
  ["G5", "an order that was never paid", ({ book }) => ({ book: book.slice(1) }), /never paid/],
  ["G6", "a mail that never came", ({ mails }) => ({ mails: mails.slice(1) }), /no mail about o1-4/],
]);

test("an order that expired, as its provider never answers, is settled when its pieces are back", () => {
  const facts = flawless();
  const orders = followedBy(facts.orders, "o3", "PaymentUnknown");
  const silent = { ...facts.book[0]!, _id: "o3", status: "unreachable" as const, authorized: 0, captured: 0 };
  const { G5 } = wrong({ ...facts, orders, book: [...facts.book, silent] });
  expect(G5).toBeUndefined();
});

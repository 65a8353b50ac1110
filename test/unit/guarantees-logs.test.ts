// The checker of runs with faults: it sees logs with holes, and followers that are behind them (G4, G6, G7).
import { check } from "../guarantees/check/checker";
import { flawless } from "../helpers/facts";
import { sees, wrong } from "../helpers/spoiled-facts";

test("a run without a flaw has seven verdicts and no violation", () => {
  expect(wrong(flawless())).toEqual({});
  expect(check(flawless()).map(({ guarantee }) => guarantee)).toEqual(["G1", "G2", "G3", "G4", "G5", "G6", "G7"]);
});

sees([
  [
    "G4",
    "a version that is missing",
    ({ payments }) => ({
      payments: payments.map(commit => ({ ...commit, events: commit.events.map(event => ({ ...event, version: 2 })) })),
    }),
    /version 2 of payment-o1 follows on 0/,
  ],
  [
    "G4",
    "a commit that was written twice",
    ({ payments }) => ({
      payments: [...payments, { position: 2, id: "commit-1", events: [{ ...payments[0]!.events[0]!, version: 2 }] }],
    }),
    /commit-1 is there twice/,
  ],
  [
    "G6",
    "a mail that was held back though its address had none",
    ({ mails }) => ({ mails: mails.slice(1), heldBack: [{ eventId: "o1-4", sentToMailbox: 2 }] }),
    /held back after 2/,
  ],
  [
    "G6",
    "a mail that came twice",
    ({ mails }) => ({ mails: [...mails, { eventId: "o1-4", writtenAt: 9 }] }),
    /written 2 times/,
  ],
  [
    "G6",
    "a mail about nothing",
    ({ mails }) => ({ mails: [...mails, { eventId: "o1-1", writtenAt: 9 }] }),
    /about o1-1/,
  ],
  [
    "G6",
    "mails in the wrong order",
    ({ mails }) => ({ mails: mails.map(mail => ({ ...mail, writtenAt: -mail.writtenAt })) }),
    /another order than it went/,
  ],
  [
    "G6",
    "a list that is behind",
    ({ shown }) => ({
      shown: shown.map(one => ({ ...one, orders: one.orders.map(order => ({ ...order, version: 2 })) })),
    }),
    /lists order o1 as confirmed,captured,2/,
  ],
  [
    "G6",
    "a list that lacks an order",
    ({ shown }) => ({ shown: shown.map(one => ({ ...one, orders: one.orders.slice(1) })) }),
    /does not list order o1/,
  ],
  [
    "G6",
    "a page with old stock",
    ({ shown }) => ({
      shown: shown.map(one => ({ ...one, products: one.products.map(product => ({ ...product, stock: 10 })) })),
    }),
    /api-2 shows prd_mug with 10/,
  ],
  [
    "G7",
    "a hole in a log",
    ({ payments }) => ({ payments: payments.map(commit => ({ ...commit, position: 2 })) }),
    /position 2 stands where 1 should/,
  ],
  ["G7", "what a store says of itself", () => ({ damage: ["orders: a page is torn"] }), /torn/],
]);

test("a mail that was held back, as its address had its share, is no loss", () => {
  const facts = flawless();
  expect(wrong({ ...facts, mails: facts.mails.slice(1), heldBack: [{ eventId: "o1-4", sentToMailbox: 5 }] })).toEqual(
    {},
  );
});

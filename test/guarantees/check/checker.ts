// Reads what a run has left behind and says, guarantee by guarantee, what was looked at and what is wrong. Pure.
import type { Facts, Guarantee, LogCommit, Verdict } from "./facts";
import { behind } from "./followers";
import { lost, repeated } from "./answers";
import { holes, misnumbered } from "./log";
import { misplaced } from "./stock";
import { storiesIn } from "./story";
import { unfinished } from "./settled";

const eventsIn = (log: readonly LogCommit[]) => log.flatMap(({ events }) => events);
const answersIn = (asked: readonly { readonly answers: readonly unknown[] }[]) =>
  asked.reduce((sum, { answers }) => sum + answers.length, 0);
const LOGS = ["orders", "products", "payments"] as const;

/** All verdicts, G1 to G7; no violations means that nothing of what was promised is broken. */
export const check = (facts: Facts): Verdict[] => {
  const stories = storiesIn(facts.orders);
  const { purchases, deeds, readings, book, mails, heldBack, shown } = facts;
  const commits = LOGS.reduce((sum, name) => sum + facts[name].length, 0);
  const events = LOGS.reduce((sum, name) => sum + eventsIn(facts[name]).length, 0);
  const verdict = (guarantee: Guarantee, checked: string, violations: readonly string[]) => ({
    guarantee,
    checked,
    violations,
  });
  return [
    verdict(
      "G1",
      `${stories.size} orders, ${answersIn([...purchases, ...deeds])} answers, ${readings.length} readings`,
      lost(facts, stories),
    ),
    verdict("G2", `${eventsIn(facts.products).length} events of pieces`, misplaced(facts, stories)),
    verdict("G3", `${purchases.length} keys`, repeated(facts, stories)),
    verdict(
      "G4",
      `${events} events`,
      LOGS.flatMap(name => misnumbered(name, facts[name])),
    ),
    verdict("G5", `${stories.size} orders, ${book.length} payments in the book`, unfinished(facts, stories)),
    verdict(
      "G6",
      `${mails.length} mails, ${heldBack.length} held back, ${shown.length} gateways' pages`,
      behind(facts, stories),
    ),
    verdict("G7", `${commits} commits`, [...LOGS.flatMap(name => holes(name, facts[name])), ...facts.damage]),
  ];
};

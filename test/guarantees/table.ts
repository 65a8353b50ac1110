// Prints what a run has shown, guarantee by guarantee, and how to repeat it.
import { storiesIn } from "./check/story";
import type { FaultKind } from "./faults/plan";
import type { Outcome } from "./run";

/** Violations of one guarantee that are printed in full. */
const SHOWN = 10;

const counted = <T>(items: readonly T[], nameOf: (item: T) => string): string => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ") || "none";
};

const serviceOf = (target: string) => target.replace(/-\d+$/, "");

/** What was struck, as in "9 × kill -9 (2 orders, 1 nats)". */
const struck = ({ faults }: Outcome, kind: FaultKind, words: string): string => {
  const some = faults.filter(fault => fault.kind === kind);
  return `${some.length} × ${words} (${counted(some, ({ target }) => serviceOf(target))})`;
};

/**
 * The lines of the report.
 * @param command which does the same again
 */
export const tableOf = (outcome: Outcome, command: string): string[] => {
  const { facts, verdicts, endedByThemselves, settledAfterMs, folder } = outcome;
  const stories = [...storiesIn(facts.orders).values()];
  const answers = [...facts.purchases, ...facts.deeds, ...facts.restocks].flatMap(asked => asked.answers);
  const unknown = answers.filter(({ status }) => status === "unknown").length;
  const isClean = verdicts.every(({ violations }) => violations.length === 0);
  return [
    `struck: ${struck(outcome, "kill", "kill -9")}; ${struck(outcome, "stop", "SIGSTOP")}`,
    `orders: ${stories.length} (${counted(stories, ({ status }) => status)})`,
    `keys: ${facts.purchases.length}, changes: ${facts.deeds.length}, answers: ${answers.length}, ${unknown} unknown`,
    ...endedByThemselves.map(({ name, why }) => `${name} ended by itself, and was started again: ${why}`),
    settledAfterMs === undefined
      ? "not all was settled in time"
      : `all was settled ${(settledAfterMs / 1000).toFixed(1)} s after everything ran again`,
    ...verdicts.flatMap(({ guarantee, checked, violations }) => [
      `${guarantee}  ${violations.length === 0 ? "kept  " : "BROKEN"}  ${violations.length} violations in ${checked}`,
      ...violations.slice(0, SHOWN).map(violation => `      ${violation}`),
    ]),
    `again: ${command}`,
    ...(isClean && outcome.options.keep !== true ? [] : [`data and logs: ${folder}`]),
  ];
};

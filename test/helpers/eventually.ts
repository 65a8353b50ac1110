// Waits for what is to come true: with a sentence of what was waited for when it does not.
import { setTimeout } from "node:timers/promises";

/** Milliseconds between two looks. */
const EVERY_MS = 20;
/** Milliseconds that anything may take on a busy machine. */
const WITHIN_MS = 30_000;

/**
 * Looks until it sees something.
 * @param what what is waited for, as in "the mail is written"
 * @param look what it sees; nothing yet when that is false, null or undefined
 * @returns what was seen
 * @throws Error with `what`, when that was not within `withinMs`
 */
export const eventually = async <T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = WITHIN_MS,
): Promise<Exclude<T, false | null | undefined>> => {
  for (const end = performance.now() + withinMs; ; await setTimeout(EVERY_MS)) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen as Exclude<T, false | null | undefined>;
    if (performance.now() > end) throw new Error(`Not in ${withinMs / 1000} s: ${what}.`);
  }
};

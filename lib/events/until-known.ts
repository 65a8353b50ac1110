// Repeats a write whose outcome is not known, until it is: such as one that was done, and its answer lost.
import { setTimeout } from "node:timers/promises";
import { StoreUnavailable } from "../store/store";

/** Milliseconds that a write is repeated, also for who would wait longer. */
const LONGEST_MS = 30_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** Milliseconds that are left to a caller's answer. */
const TO_ANSWER_MS = 100;

/**
 * The outcome of a write that can be repeated without being done twice. Between tries it pauses, longer each time, and
 * for another time than others who wait for the same store.
 * @throws StoreUnavailable when the outcome is still not known and the caller's time is over, or nothing was written
 */
export const untilKnown = async <T>(
  write: () => Promise<T>,
  { timeLeft }: { timeLeft(): number } = { timeLeft: () => Number.POSITIVE_INFINITY },
): Promise<T> => {
  const end = performance.now() + LONGEST_MS;
  for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(2 * longest, LONGEST_PAUSE_MS)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || error.nothingWritten) throw error;
      const pause = longest * (0.5 + Math.random() / 2);
      if (pause > Math.min(timeLeft(), end - performance.now()) - TO_ANSWER_MS) throw error;
      await setTimeout(pause);
    }
  }
};

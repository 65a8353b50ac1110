// A process that follows what ended tokens, by a clock of its own; the log that it asks can be cut off, held up and
// exchanged.
import { randomUUID } from "node:crypto";
import type { Actor } from "../../lib/contract";
import { Endings } from "../../lib/access/endings";
import { messageOf } from "../../lib/errors";

// No look comes by itself: each test says when.
beforeAll(() => void jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] }));
afterAll(() => void jest.useRealTimers());

const stopping: Endings[] = [];
afterEach(async () => {
  for (const endings of stopping.splice(0)) await endings.stop();
});

export const changed = (aggregateId: string, version: number) => ({
  type: "ProfileChanged",
  aggregateId,
  version,
  data: {},
});
export const ended = (aggregateId: string, version: number, session?: string) => ({
  type: "SessionsEnded",
  aggregateId,
  version,
  data: session === undefined ? {} : { session },
});

/** `page`: how many commits one answer holds. */
export const followEndings = ({ page = 200 } = {}) => {
  let time = 5_000_000;
  const log = { id: "log-1", commits: [] as { position: number; id: string; events: unknown[] }[] };
  const faults: { cutOff: boolean; held: Promise<void> | undefined; pages: number } = {
    cutOff: false,
    held: undefined,
    pages: Infinity,
  };
  const asked: (number | undefined)[] = [];
  const failures: string[] = [];
  const append = (...events: unknown[]) =>
    void log.commits.push({ position: log.commits.length + 1, id: randomUUID(), events });
  const read = async (after: number | undefined, limit: number) => {
    asked.push(after);
    if (faults.cutOff || asked.length > faults.pages) throw new Error("cut off");
    const from = after ?? 0;
    const answer = {
      log: log.id,
      at: log.commits[from - 1]?.id ?? null,
      commits: log.commits.slice(from, from + Math.min(limit, page)),
      head: log.commits.length,
    };
    await faults.held;
    return answer;
  };
  const endings = new Endings(
    read,
    error => failures.push(messageOf(error)),
    () => time,
  );
  stopping.push(endings);
  /** Whether a token is believed: its endings are known, and it is not among them. */
  const isBelieved = async (caller: Actor) => {
    await endings.known();
    return !endings.includes(caller);
  };
  return { endings, isBelieved, log, append, faults, asked, failures, sleep: (ms: number) => void (time += ms) };
};

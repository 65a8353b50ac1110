// The followers of a service: those of other services' feeds, and the one that keeps its read model up to its own log.
import { type Checkpoint, LogChanged, type Page } from "./checkpoint";
import type { EventSchemas, FeedName } from "../contract";
import { messageOf } from "../errors";
import { dispatch, type Handlers } from "./feed";
import { Follower } from "./follower";

/** A feed that a service follows: whose, from where on, and what to do. */
export interface Subscription {
  source: FeedName;
  checkpoint: Checkpoint;
  on: Handlers<EventSchemas>;
}

/** How a page of a feed is asked for. */
export interface FeedCalls {
  call(name: `${FeedName}.feed`, params: { after: number; limit: number }): Promise<Page>;
}

type Say = Readonly<Record<"debug" | "warn" | "error", (...parts: unknown[]) => void>>;

/** Milliseconds between two reminders that a follower has stopped. */
const REMIND_EVERY = 60_000;

/** Tells of failed rounds: a stopped follower loudly, at once and again and again; others when they last. */
const reporter = (what: string, mend: (from: number) => string, logger: Say, persistent: "warn" | "debug") => {
  let remindAt = 0;
  return (error: unknown, failures: number): void => {
    if (!(error instanceof LogChanged))
      return logger[failures === 3 ? "warn" : persistent](`${what} fails, trying again:`, messageOf(error));
    if (performance.now() < remindAt && failures > 1) return;
    remindAt = performance.now() + REMIND_EVERY;
    logger.error(
      `${what} HAS STOPPED: ${error.message}. Nothing is applied any more, because some events were lost or ` +
        `rewritten, such as by a restored backup. ${mend(error.from)}`,
    );
  };
};

/** Follows another service's feed. */
export const followerOf = (bus: FeedCalls, name: string, { source, checkpoint, on }: Subscription, logger: Say) => {
  const mend = (from: number) =>
    `Stop the ${name} service (in one process: the shop), decide from which commit of ${source} it goes on, ` +
    `and run: npm run feeds -- reset ${name} ${source} --from ${from}`;
  return new Follower<EventSchemas>({
    checkpoint,
    apply: dispatch(on),
    read: (after, limit) => bus.call(`${source}.feed`, { after, limit }),
    // Once or twice is a restart; from then on somebody should know.
    onError: reporter(`Following the feed of ${source}`, mend, logger, "debug"),
  });
};

/** How to mend a read model that shows what its log does not know. */
export const rebuilding = (name: string): string => `Run: npm run rebuild -- ${name} --replace`;

/** Tells of a service's read model that cannot catch up with its log. */
export const catchUpReporter = (name: string, logger: Say) =>
  reporter("Catching up with the log", () => rebuilding(name), logger, "warn");

// Follows the feeds that the gateway needs in memory, such as what changes products.
import type { EventSchemas, FeedName, Feeds } from "../../../lib/contract";
import type { RecordedOf } from "../../../lib/events/event-store";
import { messageOf } from "../../../lib/errors";
import { LogChanged, memoryCheckpoint } from "../../../lib/events/checkpoint";
import { Follower } from "../../../lib/events/follower";
import type { Bus } from "../../../lib/moleculer/bus";
import type { Logger } from "../../../lib/logger";

/** Milliseconds: a feed that does not answer is asked again, so that nobody waits long for this one look. */
const LOOK_LIMIT_MS = 2000;

const feedOf = (bus: Bus, source: FeedName, after: number, limit: number) =>
  bus.call(`${source}.feed`, { after, limit }, { timeout: LOOK_LIMIT_MS });

export const headOf = async (bus: Bus, source: FeedName): Promise<number> => (await feedOf(bus, source, 0, 1)).head;

/** A follower that knows whether it has seen all there was to see. */
export interface FeedSubscription {
  /** Looks for news now; resolves when they are applied. @throws nothing: see `current` */
  look(): Promise<void>;
  /** Whether everything up to some moment since the start has been applied. */
  readonly current: boolean;
  stop(): Promise<void>;
}

/** Follows a feed from a position on, for a reader that keeps nothing over a restart. */
export const subscribe = <N extends FeedName>(
  bus: Bus,
  source: N,
  start: () => Promise<number>,
  apply: (event: RecordedOf<Feeds[N]>) => Promise<void> | void,
  logger: () => Logger,
): FeedSubscription => {
  const { load, save, forget } = memoryCheckpoint(start);
  let known = Number.POSITIVE_INFINITY;
  let current = false;
  const reached = (position: number) => {
    if (position >= known) current = true;
  };
  const follower = new Follower<EventSchemas>({
    checkpoint: { load, save: place => save(place).then(() => reached(place.position)) },
    apply: event => apply(event as RecordedOf<Feeds[N]>),
    read: async (after, limit) => {
      const page = await feedOf(bus, source, after, limit);
      known = page.head;
      reached(after);
      return page;
    },
    onError: error => {
      if (error instanceof LogChanged) {
        // Nothing is kept here that could not be had again: what is known now is given up.
        logger().warn(`The log of ${source} was exchanged (${error.message}): following it anew.`);
        current = false;
        forget();
        return;
      }
      logger().debug(`Following the feed of ${source} failed, trying again:`, messageOf(error));
    },
  });
  return {
    look: () => follower.nudge(),
    get current() {
      return current;
    },
    stop: () => follower.stop(),
  };
};

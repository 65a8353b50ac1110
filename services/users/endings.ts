// What ended tokens before their time, for those who accept them: the log without everything else, least of all e-mail
// addresses.
import type { userEvents } from "../../contracts/users";
import { ACCESS_TOKEN_LIFE_S, CLOCK_SKEW_S } from "../../lib/access/claims";
import type { EventStore } from "../../lib/events/event-store";
import { feedPage } from "../../lib/events/feed";

type Log = EventStore<typeof userEvents>;

/** Commits that must all be old: the clock of one instance may have been wrong for a while. */
const PROBE = 50;
const FIRST_STEP = 200;

/**
 * A position after which the log holds every commit that is younger than `time`, found in O(log n) looks from the end.
 */
const positionBefore = async (events: Log, time: number): Promise<number> => {
  let position = await events.head();
  for (let step = FIRST_STEP; position > 0; step *= 2) {
    position = Math.max(0, position - step);
    const commits = await events.read(position, PROBE);
    if (commits.every(commit => commit.events.every(event => Date.parse(event.timestamp) < time))) break;
  }
  return position;
};

/** @param after without it, the page begins with the oldest ending that a token may still need */
export const endingsPage = async (events: Log, { after, limit }: { after?: number; limit: number }, now: Date) => {
  // Two clocks stand between an ending and its reader: the one that stamped it and the one that reads it.
  const youngest = now.getTime() - (ACCESS_TOKEN_LIFE_S + 2 * CLOCK_SKEW_S) * 1000;
  const page = await feedPage(events, { after: after ?? (await positionBefore(events, youngest)), limit });
  return {
    ...page,
    commits: page.commits.map(commit => ({
      ...commit,
      events: commit.events.filter(({ type }) => type === "SessionsEnded"),
    })),
  };
};

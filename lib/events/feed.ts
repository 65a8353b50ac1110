// Durable events between services: serves a log as a feed, and says what a service does with the feeds of others.
import type { EventSchemas } from "../contract";
import type { EventStore, RecordedOf } from "./event-store";
import { bytesOf, fitting } from "../moleculer/middlewares/bound-messages";

/** Bytes of JSON in a page, where more would fit: a page is read and printed in one go. */
const PAGE_SIZE = 400_000;

/** A commit that no message can carry stops its feed: loudly, and with what helps. */
export class CommitTooLarge extends Error {
  override readonly name = "CommitTooLarge";
  constructor(position: number, bytes: number, limit: number) {
    super(
      `Commit ${position} has ${bytes} bytes, and a message may have ${limit}. Raise max_payload of the NATS server ` +
        `(deploy/nats.conf) by ${bytes - limit} bytes or more; the feed then goes on by itself.`,
    );
  }
}

/** How much a page may carry, in bytes; one commit may have more, if a message can take it. */
export interface Room {
  page: number;
  message: number;
}

const NO_LIMIT: Room = { page: Infinity, message: Infinity };

/** Answers a feed request from the log. @throws CommitTooLarge when not even the first commit fits */
export const feedPage = async <S extends EventSchemas>(
  events: EventStore<S>,
  { after, limit }: { after: number; limit: number },
  room: Room = NO_LIMIT,
) => {
  const head = await events.head();
  // One read with the commit at `after`, which tells whether this is the log that was followed, and not beyond the
  // head:
  // what comes in between is in the next page.
  const read = await events.read(Math.max(after - 1, 0), Math.min(limit, Math.max(head - after, 0)) + Math.sign(after));
  const at = read.find(({ position }) => position === after)?.id ?? null;
  const found = read
    .filter(({ position }) => position > after)
    .map(({ position, id, events: recorded }) => ({ position, id, events: recorded }));
  const commits = found.slice(0, fitting(found, Math.min(PAGE_SIZE, room.page)));
  const [first] = commits;
  const bytes = first ? bytesOf(first) : 0;
  if (first && bytes > room.message) throw new CommitTooLarge(first.position, bytes, room.message);
  return { log: events.id, at, commits, head };
};

/** What to do on each event type; types that are not named are passed over. */
export type Handlers<S extends EventSchemas> = {
  [T in keyof S & string]?: (event: Extract<RecordedOf<S>, { type: T }>) => Promise<void> | void;
};

/** Applies an event with the handler of its type. */
export const dispatch = <S extends EventSchemas>(on: Handlers<S>) => {
  const handlers: Partial<Record<string, (event: never) => Promise<void> | void>> = on;
  return (event: RecordedOf<S>): Promise<void> | void => handlers[event.type]?.(event as never);
};

// Commits for the scenarios of a log.
import { randomUUID } from "node:crypto";
import type { Draft, Log, Placed, StoredEvent, Written } from "../../lib/store/log";

const TIMESTAMP = "2026-01-01T00:00:00.000Z";

export const event = (stream: string, version: number, data: unknown = { of: stream }): StoredEvent => ({
  id: `${stream}-${version}`,
  type: "Counted",
  aggregateId: stream,
  version,
  data,
  timestamp: TIMESTAMP,
});

/** A commit with one event in each stream, at a version that follows on the one before. */
export const draft = (streams: Readonly<Record<string, number>>, id: string = randomUUID()): Draft => ({
  id,
  events: Object.entries(streams).map(([stream, version]) => event(stream, version)),
  before: Object.entries(streams)
    .filter(([, version]) => version > 1)
    .map(([stream, version]) => ({ stream, version: version - 1 })),
});

/** `stream:version` of all events, in their order. */
export const keysIn = (commits: readonly Written[]): string[] =>
  commits.flatMap(({ events }) => events.map(({ aggregateId, version }) => `${aggregateId}:${version}`));

/** What is wrong with the order of commits: gaps between positions, and versions of a stream out of order. */
export const disorderIn = (commits: readonly Placed[], from: number): string[] => {
  const gaps = commits
    .filter(({ position }, index) => position !== from + index + 1)
    .map(({ position }) => `${position}`);
  const reached = new Map<string, number>();
  const jumps = commits
    .flatMap(({ events }) => events)
    .filter(({ aggregateId, version }) => {
      const before = reached.get(aggregateId) ?? 0;
      reached.set(aggregateId, version);
      return version !== before + 1;
    });
  return [...gaps, ...jumps.map(({ id }) => id)];
};

/** The log that a scenario runs on: opened twice, as two processes have it. */
export interface LogScene {
  readonly log: Log;
  readonly other: Log;
  /** A stream that nobody else has. */
  stream(name: string): string;
}

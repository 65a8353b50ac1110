// G4 and G7: every log is one story without holes, in which each version of a stream was written once.
import type { LogCommit } from "./facts";

type Commits = readonly LogCommit[];

const twice = (items: readonly string[]): string[] => {
  const seen = new Set<string>();
  return items.filter(item => seen.size === seen.add(item).size);
};

/** G4: in each stream versions follow one another, and no commit was written twice. */
export const misnumbered = (name: string, commits: Commits): string[] => {
  const reached = new Map<string, number>();
  const wrong: string[] = [];
  for (const { aggregateId: stream, version } of commits.flatMap(({ events }) => events)) {
    const before = reached.get(stream) ?? 0;
    if (version !== before + 1) wrong.push(`${name}: version ${version} of ${stream} follows on ${before}`);
    reached.set(stream, version);
  }
  const repeated = twice(commits.map(({ id }) => id)).map(id => `${name}: commit ${id} is there twice`);
  return [...wrong, ...repeated];
};

/** G7: positions have no holes, and every commit can be read. */
export const holes = (name: string, commits: Commits): string[] =>
  commits.flatMap(({ position, events }, index) => [
    ...(position === index + 1 ? [] : [`${name}: position ${position} stands where ${index + 1} should`]),
    ...(events.length > 0 ? [] : [`${name}: commit ${position} is empty`]),
  ]);

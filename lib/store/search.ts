// What searching is on both stores: tiers of matches, one query each, until there are enough.
import type { Change, Document, Search, TextIndex } from "./store";

/** Matches of a tier that are looked at for those that the search's `query` matches, too. */
export const MAX_CANDIDATES = 10_000;

/**
 * Tier k is what has all terms within the first k + 1 fields, so that it holds the tiers before it, too.
 * @param ask for at most so many of a tier, in order
 */
export const tiered = async <D extends Document>(
  { limit, offset = 0 }: Search,
  { fields }: TextIndex,
  ask: (tier: number, most: number) => Promise<readonly D[]>,
): Promise<D[]> => {
  const found = new Map<string, D>();
  for (let tier = 0; tier < fields.length && found.size < offset + limit; tier += 1)
    for (const document of await ask(tier, offset + limit))
      if (!found.has(document._id)) found.set(document._id, document);
  return [...found.values()].slice(offset, offset + limit);
};

const holds = (outer: string, inner: string) => outer === inner || inner.startsWith(`${outer}.`);

/** @throws TypeError when a change touches a field that is searched for: its terms would be those of the past */
export const refuseTextChange = (change: Change, { fields }: TextIndex): void => {
  for (const path of Object.values(change).flatMap(operands => Object.keys(operands)))
    if (fields.some(field => holds(field, path) || holds(path, field)))
      throw new TypeError(`${path} is searched for: put the whole document instead.`);
};

// Whether two generations of a read model show the same: entry by entry, while both move on.
import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical-json";
import type { Collection, Versioned } from "../store/store";

/** Entries that are read at a time. */
const PAGE = 1000;
/** How often an entry that moves on is looked at again, until both generations are seen at one version of it. */
const ROUNDS = 100;
/** Differences that are named; the others are counted. */
const NAMED = 10;

export interface Compared {
  /** How many documents are the same in both. */
  readonly same: number;
  /** Over the documents of each, 16 hexadecimal digits: the sum of what each hashes to, in whatever order. */
  readonly checksums: readonly [live: string, other: string];
  /** Where they differ, in words: the first ones, and how many more there are. */
  readonly differences: readonly string[];
}

type Pair<D> = readonly [D | undefined, D | undefined];

/** Reads two collections side by side, in the order of their ids. */
async function* pairs<D extends Versioned>(live: Collection<D>, other: Collection<D>): AsyncGenerator<Pair<D>> {
  for (let after: string | undefined; ;) {
    const from = after === undefined ? {} : { after: [after] };
    const [left, right] = await Promise.all(
      [live, other].map(collection => collection.find({ sort: ["_id"], limit: PAGE, ...from })),
    );
    const [a, b] = [left ?? [], right ?? []];
    // As far as both have been read; what is behind comes with the next pages.
    const ends = [a, b].filter(({ length }) => length === PAGE).map(list => list.at(-1)?._id ?? "");
    const end = ends.sort()[0];
    const all = new Map<string, [D | undefined, D | undefined]>();
    for (const one of a) all.set(one._id, [one, undefined]);
    for (const one of b) all.set(one._id, [all.get(one._id)?.[0], one]);
    for (const [id, pair] of all) if (end === undefined || id <= end) yield pair;
    if (end === undefined) return;
    after = end;
  }
}

/**
 * @param catchUp brings both to the end of the log: a document that they have at different versions is compared then
 * @param without fields that do not follow from the log
 */
export const compare = async <D extends Versioned>(
  live: Collection<D>,
  other: Collection<D>,
  without: readonly string[],
  catchUp: () => Promise<void>,
): Promise<Compared> => {
  const sums: [bigint, bigint] = [0n, 0n];
  const differences: string[] = [];
  let [same, different] = [0, 0];
  const hash = (document: D | undefined): bigint => {
    if (!document) return 0n;
    const kept = Object.fromEntries(Object.entries(document).filter(([field]) => !without.includes(field)));
    return createHash("sha256").update(canonicalJson(kept)).digest().readBigUInt64BE();
  };
  const settle = ([left, right]: Pair<D>) => {
    const hashes = [hash(left), hash(right)] as const;
    sums[0] = BigInt.asUintN(64, sums[0] + hashes[0]);
    sums[1] = BigInt.asUintN(64, sums[1] + hashes[1]);
    if (hashes[0] === hashes[1]) return void (same += 1);
    different += 1;
    const shown = (one: D | undefined) => (one ? `version ${one.version}` : "nothing");
    if (different <= NAMED) differences.push(`${(left ?? right)?._id}: ${shown(left)}, anew ${shown(right)}`);
  };
  let moving: string[] = [];
  for await (const pair of pairs(live, other)) {
    if (pair[0]?.version === pair[1]?.version) settle(pair);
    else moving.push((pair[0] ?? pair[1])?._id ?? "");
  }
  for (let round = 1; moving.length > 0; round += 1) {
    await catchUp();
    const left: string[] = [];
    for (let start = 0; start < moving.length; start += PAGE) {
      const ids = moving.slice(start, start + PAGE);
      const [a, b] = await Promise.all(
        [live, other].map(
          async one => new Map((await one.find({ query: { _id: { $in: ids } } })).map(d => [d._id, d])),
        ),
      );
      for (const id of ids) {
        const pair = [a?.get(id), b?.get(id)] as const;
        if (pair[0]?.version === pair[1]?.version || round === ROUNDS) settle(pair);
        else left.push(id);
      }
    }
    moving = left;
  }
  if (different > NAMED) differences.push(`and ${different - NAMED} more`);
  const text = (sum: bigint) => sum.toString(16).padStart(16, "0");
  return { same, checksums: [text(sums[0]), text(sums[1])], differences };
};

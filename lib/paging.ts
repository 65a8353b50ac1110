// Pages of a list. A cursor names a place in the order, so that the next page costs the same wherever it begins.
import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json";
import { MAX_DEPTH } from "./contract";
import { Refusal } from "./refusal";
import type { Collection, Document, Query } from "./store/store";

/** What a client asks of a list: a page by its number, or what comes behind a cursor. */
export interface Asked {
  readonly page?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** A list of entries. The fields of `sort` have one direction, and the last of them tells all entries apart. */
export interface List<D, T> {
  readonly query: Query;
  readonly sort: readonly string[];
  show(entry: D): T;
}

export interface ListPage<T> {
  items: T[];
  page: number;
  limit: number;
  total: number;
  pages: number;
  /** Null on the last page. */
  nextCursor: string | null;
}

type Value = string | number;
interface Place {
  readonly page: number;
  readonly after?: readonly Value[];
}

const isValue = (value: unknown): value is Value => typeof value === "string" || Number.isFinite(value);

/** Tells lists apart: a cursor belongs to one query in one order. */
const nameOf = ({ query, sort }: Pick<List<never, unknown>, "query" | "sort">) =>
  createHash("sha256")
    .update(canonicalJson([query, sort]))
    .digest("base64url")
    .slice(0, 10);

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
};

/** @throws Refusal VALIDATION_FAILED for a cursor of another list, and for what is none */
const placeOf = (cursor: string, list: Pick<List<never, unknown>, "query" | "sort">): Place => {
  const [name, page, ...after] = [parse(cursor)].flat() as unknown[];
  const isOfList = name === nameOf(list) && after.length === list.sort.length && after.every(isValue);
  if (!isOfList || !Number.isSafeInteger(page))
    throw new Refusal("VALIDATION_FAILED", { errors: [{ path: "/cursor", code: "NOT_A_CURSOR" }] });
  return { page: page as number, after: after as Value[] };
};

/** @throws Refusal VALIDATION_FAILED for a page that is too deep */
const placeAsked = ({ page = 1, limit, cursor }: Asked, list: Pick<List<never, unknown>, "query" | "sort">): Place => {
  if (cursor !== undefined) return placeOf(cursor, list);
  if (page * limit > MAX_DEPTH) {
    const facts = { limit: Math.floor(MAX_DEPTH / limit) };
    throw new Refusal("VALIDATION_FAILED", { errors: [{ path: "/page", code: "PAGE_TOO_DEEP", facts }] });
  }
  return { page };
};

/** Of each page, as long as it is about: how the cursor is made that goes on behind one of its items. */
const cursors = new WeakMap<object, (count: number) => string>();

/** The cursor that goes on behind the first `count` items of a page; undefined when it is not one of `readPage`. */
export const cursorBehind = (page: object, count: number): string | undefined => cursors.get(page)?.(count);

/**
 * Reads one page.
 * @param total how many entries the list has
 * @throws Refusal VALIDATION_FAILED for a cursor of another list, and for a page that is too deep
 */
export const readPage = async <D extends Document, T>(
  entries: Pick<Collection<D>, "find">,
  list: List<D, T>,
  asked: Asked,
  total: number | Promise<number>,
): Promise<ListPage<T>> => {
  const { query, sort, show } = list;
  const { limit } = asked;
  const { page, after } = placeAsked(asked, list);
  const from = after ? { after } : { offset: (page - 1) * limit };
  const [count, found] = await Promise.all([total, entries.find({ query, sort, ...from, limit: limit + 1 })]);
  const fields = sort.map(field => field.replace(/^-/, "") as keyof D);
  const cursorAfter = (length: number): string => {
    const last = found[length - 1];
    const values = last ? fields.map(field => last[field]) : [];
    return Buffer.from(JSON.stringify([nameOf(list), page + 1, ...values])).toString("base64url");
  };
  const read: ListPage<T> = {
    items: found.slice(0, limit).map(entry => show(entry)),
    page,
    limit,
    total: count,
    pages: Math.ceil(count / limit),
    nextCursor: found.length > limit ? cursorAfter(limit) : null,
  };
  cursors.set(read, cursorAfter);
  return read;
};

// What moleculer-db may ask and SQLite cannot answer: regular expressions, and text anywhere in a document.
import type { Document, Query } from "../store";

export interface Matching {
  readonly query?: Query;
  /** Text that a field contains, whatever its case. */
  readonly search?: string;
  /** Which fields: names, or one text with spaces between them. Default: all. */
  readonly searchFields?: string | readonly string[];
}

const isPattern = (wanted: unknown): wanted is { $regex: RegExp | string } =>
  typeof wanted === "object" && wanted !== null && "$regex" in wanted;

/** The part of a query that SQLite answers, and whether that is all of it. */
export const splitQuery = ({ query = {}, search = "" }: Matching): { rest: Query; isWhole: boolean } => {
  const rest = Object.fromEntries(Object.entries(query).filter(([, wanted]) => !isPattern(wanted)));
  return { rest, isWhole: search === "" && Object.keys(rest).length === Object.keys(query).length };
};

const contains = (document: object, search: string, fields: readonly string[]): boolean =>
  Object.entries(document).some(
    ([field, value]) =>
      (fields.length === 0 || fields.includes(field)) && String(value).toLowerCase().includes(search.toLowerCase()),
  );

/** Whether a document that matches the rest matches these parts, too. */
export const matches = (document: Document, { query = {}, search = "", searchFields = [] }: Matching): boolean => {
  const fields = typeof searchFields === "string" ? searchFields.split(" ") : searchFields;
  if (search !== "" && !contains(document, search, fields)) return false;
  const values = new Map<string, unknown>(Object.entries(document));
  return Object.entries(query).every(([field, wanted]) => {
    const value = values.get(field);
    return !isPattern(wanted) || (typeof value === "string" && new RegExp(wanted.$regex).test(value));
  });
};

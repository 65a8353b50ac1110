// Turns a place in an order into queries that an index on that order serves, as MongoDB has no comparison of tuples.
import type { Query, Selection } from "../store";
import { definedQuery } from "../values";

const both = (query: Query, place: Query): Query =>
  Object.keys(place).some(field => field in query) ? { $and: [query, place] } : { ...query, ...place };

/**
 * The queries that together select what is behind the selection's `after`, in the order of what they find: first what
 * has all values but the last in common with it, at last what differs in the first. Each is one range of the index; one
 * query with $or is not one for sure.
 * @throws TypeError when the place does not fit the order
 */
export const placesBehind = ({ query = {}, sort = [], after = [] }: Selection): Query[] => {
  const fields = sort.map(field => field.replace(/^-/, ""));
  const descending = sort.filter(field => field.startsWith("-")).length;
  if (fields.length === 0 || after.length !== fields.length || (descending > 0 && descending < fields.length))
    throw new TypeError("A place has a value for each field of an order that has one direction.");
  const operator = descending > 0 ? "$lt" : "$gt";
  const behind = (last: number): Query =>
    Object.fromEntries(
      fields.slice(0, last + 1).map((field, n) => [field, n < last ? after[n] : { [operator]: after[n] }]),
    );
  return fields.map((_, last) => definedQuery(both(query, behind(last)))).toReversed();
};

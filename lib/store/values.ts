// Keeps documents and queries to what both stores treat alike: JSON values, and no `undefined` in a query.
import type { Document } from "./store";

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // By its place in the chain: the prototype of another realm's objects is not this realm's.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/**
 * A deep copy of a JSON value; fields that are `undefined` are left out.
 * @throws TypeError on what JSON cannot hold (dates, NaN, class instances): it would come back as something else
 */
export const plainCopy = <T>(value: T, path = ""): T => {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => plainCopy(item, `${path}/${index}`)) as T;
  if (typeof value !== "object" || !isPlainObject(value))
    throw new TypeError(`${path || "The value"} is not a JSON value and cannot be stored.`);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") throw new TypeError(`${path}/__proto__ is not a field name.`);
    if (item !== undefined) copy[key] = plainCopy(item, `${path}/${key}`);
  }
  return copy as T;
};

/**
 * Passes a query on.
 * @throws TypeError when a value in it is `undefined`: MongoDB would match what lacks the field, or everything
 */
export const definedQuery = <Q extends object>(query: Q): Q => {
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) throw new TypeError(`The query's ${key} is undefined.`);
    if (typeof value === "object" && value !== null) definedQuery(value);
  }
  return query;
};

/**
 * The copy of a document that is stored.
 * @throws TypeError when it is not JSON, or has no usable id
 */
export const storable = <D extends Document>(document: D): D => {
  if (!document._id || document._id === "__proto__") throw new TypeError(`${document._id} cannot be an _id.`);
  return plainCopy(document);
};

// Says queries, orders and places of the port in SQL, over documents that are kept as JSON text.
import type { Query, Selection } from "../store";
import type { Value } from "./protocol";

/** A condition, and the values for its question marks. */
export interface Sql {
  readonly sql: string;
  readonly params: readonly Value[];
}

/** Which fields hold arrays that are found by their items, and in which table these stand. */
export type ItemTables = ReadonlyMap<string, string>;

const FIELD = /^[\w$-]+(\.[\w$-]+)*$/;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const pathOf = (field: string): string => {
  if (!FIELD.test(field)) throw new TypeError(`${field} is no name of a field.`);
  return `'$.${field
    .split(".")
    .map(part => `"${part}"`)
    .join(".")}'`;
};

/** A field's value. The same text in an index and in a query, or the index is of no use. */
export const valueOf = (field: string): string => (field === "_id" ? "id" : `document ->> ${pathOf(field)}`);

const toValue = (value: unknown): Value => {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  throw new TypeError(`${JSON.stringify(value)} cannot be asked for: only a text, a number, true, false and null can.`);
};

const isOperators = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.keys(value).some(key => key.startsWith("$"));

/** Values are compared with their like only, as MongoDB does. */
const compared = (sql: string, sign: string, operand: unknown): Sql => {
  const value = toValue(operand);
  if (value === null) throw new TypeError("Nothing is greater or less than null.");
  const likes = typeof value === "string" ? "= 'text'" : "<> 'text'";
  // NULL is neither: a comparison with it is never true.
  const needsLike = (typeof value === "string") === sign.startsWith("<");
  return { sql: needsLike ? `(${sql} ${sign} ? AND typeof(${sql}) ${likes})` : `${sql} ${sign} ?`, params: [value] };
};

const among = (sql: string, operand: unknown): Sql => {
  if (!Array.isArray(operand)) throw new TypeError("$in wants an array.");
  const values = operand.map(toValue);
  const found = `${sql} IN (SELECT value FROM json_each(?))`;
  return {
    sql: values.includes(null) ? `(${found} OR ${sql} IS NULL)` : found,
    params: [JSON.stringify(values)],
  };
};

const operators: Readonly<Record<string, (sql: string, operand: unknown, field: string) => Sql>> = {
  $gt: (sql, operand) => compared(sql, ">", operand),
  $gte: (sql, operand) => compared(sql, ">=", operand),
  $lt: (sql, operand) => compared(sql, "<", operand),
  $lte: (sql, operand) => compared(sql, "<=", operand),
  $ne: (sql, operand) => ({ sql: `${sql} IS NOT ?`, params: [toValue(operand)] }),
  $in: among,
  $exists: (_sql, operand, field) => ({
    sql: field === "_id" ? "TRUE" : `json_type(document, ${pathOf(field)}) IS ${operand ? "NOT NULL" : "NULL"}`,
    params: [],
  }),
};

const joined = (word: "AND" | "OR", parts: readonly Sql[], none: "TRUE" | "FALSE"): Sql => {
  if (parts.length === 0) return { sql: none, params: [] };
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  return { sql: `(${parts.map(({ sql }) => sql).join(` ${word} `)})`, params: parts.flatMap(({ params }) => params) };
};

const equal = (sql: string, operand: unknown): Sql =>
  operand === null ? { sql: `${sql} IS NULL`, params: [] } : { sql: `${sql} = ?`, params: [toValue(operand)] };

const conditionsOn = (sql: string, field: string, wanted: unknown): Sql =>
  isOperators(wanted)
    ? joined(
        "AND",
        Object.entries(wanted).map(([name, operand]) => {
          const operator = operators[name];
          if (!operator) throw new TypeError(`${name} is no operator of this store.`);
          return operator(sql, operand, field);
        }),
        "TRUE",
      )
    : equal(sql, wanted);

/** The condition that a document matches a query. @throws TypeError for what this store cannot be asked */
export const conditionOf = (query: Query, items: ItemTables): Sql =>
  joined(
    "AND",
    Object.entries(query).map(([field, wanted]) => {
      if (field === "$and" || field === "$or") {
        const parts = (wanted as readonly Query[]).map(part => conditionOf(part, items));
        return field === "$and" ? joined("AND", parts, "TRUE") : joined("OR", parts, "FALSE");
      }
      const table = items.get(field);
      const asksForArray = isOperators(wanted) && "$exists" in wanted;
      if (table === undefined || asksForArray) return conditionsOn(valueOf(field), field, wanted);
      const { sql, params } = conditionsOn("item", field, wanted);
      return { sql: `key IN (SELECT key FROM ${quoted(table)} WHERE ${sql})`, params };
    }),
    "TRUE",
  );

const directed = (field: string): { field: string; down: boolean } =>
  field.startsWith("-") ? { field: field.slice(1), down: true } : { field, down: false };

const behind = (sort: readonly string[], values: readonly (string | number | boolean)[]): Sql => {
  const fields = sort.map(directed);
  if (fields.length !== values.length || new Set(fields.map(({ down }) => down)).size !== 1)
    throw new TypeError("A place needs a value for each field of the order, and these one direction.");
  const [first = "", ...rest] = fields.map(({ field }) => valueOf(field));
  const sign = fields[0]?.down ? "<" : ">";
  const [leading, ...others] = values.map(toValue);
  if (rest.length === 0) return { sql: `${first} ${sign} ?`, params: [leading ?? null] };
  const sides = [[first, ...rest], values.map(() => "?")].map(side => `(${side.join(", ")})`);
  // An index over expressions is never searched by a row of them: the first one says where to begin.
  return {
    sql: `${first} ${sign}= ? AND ${sides.join(` ${sign} `)}`,
    params: [leading ?? null, leading ?? null, ...others],
  };
};

/** What comes after FROM: condition, order and bounds of a selection. */
export const clausesOf = ({ query = {}, sort = [], after, limit, offset }: Selection, items: ItemTables): Sql => {
  const condition = joined("AND", [conditionOf(query, items), ...(after ? [behind(sort, after)] : [])], "TRUE");
  const order = sort.map(directed).map(({ field, down }) => `${valueOf(field)}${down ? " DESC" : ""}`);
  const bounded = limit !== undefined || offset !== undefined;
  return {
    sql:
      ` WHERE ${condition.sql}${order.length > 0 ? ` ORDER BY ${order.join(", ")}` : ""}` +
      (bounded ? " LIMIT ? OFFSET ?" : ""),
    params: [...condition.params, ...(bounded ? [limit ?? -1, offset ?? 0] : [])],
  };
};

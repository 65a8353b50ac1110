// A collection's table and its indexes in SQL: made where they are missing, remade where another release had others.
import type { Index, Shape } from "../store";
import type { Unit } from "./protocol";
import { type ItemTables, quoted, valueOf } from "./query";
import { isShadow, markUnfilled, textThings } from "./text-index";
import type { Made, Thing } from "./things";

const NAME = /^[a-z][a-z0-9-]*$/;

const bare = (field: string) => field.replace(/^-/, "");

const tableOf = (collection: string): Thing => ({
  kind: "table",
  name: collection,
  sql:
    `CREATE TABLE ${quoted(collection)} ` +
    "(key INTEGER PRIMARY KEY, id NOT NULL UNIQUE, document TEXT NOT NULL, crc INTEGER NOT NULL)",
});

const indexOf = (collection: string, { fields, unique = false }: Index): Thing => {
  const name = `${collection}:${fields.join(",")}${unique ? ":unique" : ""}`;
  const columns = fields.map(field => `${valueOf(bare(field))}${field.startsWith("-") ? " DESC" : ""}`);
  const made = `CREATE ${unique ? "UNIQUE " : ""}INDEX ${quoted(name)} ON ${quoted(collection)}`;
  return { kind: "index", name, sql: `${made} (${columns.join(", ")})` };
};

const itemTableOf = (collection: string, field: string) => `${collection}:${field}[]`;

/** A table of an array's items, which follows the documents by triggers: whoever writes them. */
const itemsOf = (collection: string, { fields, unique = false }: Index): Thing[] => {
  if (fields.length > 1) throw new Error("A multikey index is over one field.");
  const [field] = fields;
  const name = itemTableOf(collection, field);
  const [table, documents] = [quoted(name), quoted(collection)];
  const array = valueOf(field).replace(" ->> ", " -> ");
  const add = (row: string) =>
    `INSERT INTO ${table} SELECT DISTINCT value, ${row}.key FROM json_each(${row}.${array})` +
    ` WHERE json_type(${row}.${array}) = 'array'`;
  const remove = `DELETE FROM ${table} WHERE key = old.key`;
  const trigger = (event: string, body: string): Thing => ({
    kind: "trigger",
    name: `${name}:${event.toLowerCase()}`,
    sql: `CREATE TRIGGER ${quoted(`${name}:${event.toLowerCase()}`)} AFTER ${event} ON ${documents} BEGIN ${body}; END`,
  });
  return [
    {
      kind: "table",
      name,
      sql: `CREATE TABLE ${table} (item, key INTEGER, PRIMARY KEY (item${unique ? "" : ", key"})) WITHOUT ROWID`,
    },
    { kind: "index", name: `${name}:key`, sql: `CREATE INDEX ${quoted(`${name}:key`)} ON ${table} (key)` },
    trigger("INSERT", add("new")),
    trigger("UPDATE", `${remove}; ${add("new")}`),
    trigger("DELETE", remove),
  ];
};

/** Everything that a collection of this shape consists of. */
const thingsOf = (collection: string, shape: Shape): Thing[] => [
  tableOf(collection),
  ...(shape.indexes ?? []).flatMap(index =>
    index.multikey ? itemsOf(collection, index) : [indexOf(collection, index)],
  ),
  ...textThings(collection, shape),
];

/** Which of a collection's fields are found by the items of their arrays. */
export const itemTables = (collection: string, { indexes = [] }: Shape): ItemTables =>
  new Map(
    indexes.filter(({ multikey }) => multikey).map(({ fields: [field] }) => [field, itemTableOf(collection, field)]),
  );

/** Whether something that the database has belongs to a collection. */
const belongsTo = (collection: string) => (made: Made) =>
  (made.name === collection || made.name.startsWith(`${collection}:`)) && !isShadow(collection, made);

/** An item table that is made anew has to be filled from what is there. */
const filling = (collection: string, missing: readonly Thing[], shape: Shape): Unit =>
  [...itemTables(collection, shape)]
    .filter(([, table]) => missing.some(thing => thing.name === table))
    .map(([field, table]) => {
      const array = `d.${valueOf(field).replace(" ->> ", " -> ")}`;
      const rows = `${quoted(collection)} d, json_each(${array}) WHERE json_type(${array}) = 'array'`;
      const sql = `INSERT INTO ${quoted(table)} SELECT DISTINCT value, d.key FROM ${rows}`;
      return { sql, params: [], as: "count" as const };
    });

/**
 * The statements that bring a collection from what the database has to its shape; none when it is so.
 * @throws TypeError for a name that a collection cannot have
 */
export const shaping = (collection: string, shape: Shape, has: readonly Made[]): Unit => {
  if (!NAME.test(collection)) throw new TypeError(`${collection} is no name of a collection.`);
  const wanted = thingsOf(collection, shape);
  const own = has.filter(belongsTo(collection)).filter(({ sql }) => sql);
  const isSame = (thing: Thing, made: Made) => thing.name === made.name && thing.sql === made.sql;
  const gone = own.filter(made => made.name !== collection && !wanted.some(thing => isSame(thing, made)));
  const missing = wanted.filter(thing => !own.some(made => made.name === thing.name && isSame(thing, made)));
  const statement = (sql: string) => ({ sql, params: [], as: "count" as const });
  return [
    // Triggers and indexes go with their tables, so that some of these may be gone already.
    ...gone.map(({ type, name }) => statement(`DROP ${type.toUpperCase()} IF EXISTS ${quoted(name)}`)),
    ...missing.map(({ sql }) => statement(sql)),
    ...filling(collection, missing, shape),
    ...markUnfilled(collection, missing),
  ];
};

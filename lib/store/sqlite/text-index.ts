// What a collection in SQLite is searched by: a full-text table of its documents' terms, without their texts.
import type { Document, Search, Shape, TextIndex } from "../store";
import { MAX_CANDIDATES } from "../search";
import { queryOf, TERMS_RULE, termsIn } from "../terms";
import type { Statement, Unit } from "./protocol";
import { quoted, type Sql } from "./query";
import type { Made, Thing } from "./things";

/** Tables that SQLite makes and drops with the full-text table. */
const SHADOWS = ["_data", "_idx", "_content", "_docsize", "_config"];

// No name of an index: fields have no spaces in theirs.
const tableOf = (collection: string) => `${collection}:text terms`;
const unfilledOf = (collection: string) => `${collection}:text unfilled`;
const columnOf = (field: string, index: number) => quoted(`${index} ${field}`);

export const isShadow = (collection: string, { type, name }: Pick<Made, "type" | "name">): boolean =>
  type === "table" && SHADOWS.some(shadow => name === `${tableOf(collection)}${shadow}`);

/** The table, one that says up to which document it is still to be filled, and what removes a document from it. */
export const textThings = (collection: string, { text }: Shape): Thing[] => {
  if (!text) return [];
  const [name, unfilled, trigger] = [tableOf(collection), unfilledOf(collection), `${tableOf(collection)}:delete`];
  // The terms are words already, and by this tokenizer whatever is not ASCII belongs to a word.
  const options = "content='', contentless_delete=1, detail=column, prefix='2 3', tokenize='ascii'";
  const columns = text.fields.map(columnOf).join(", ");
  return [
    { kind: "table", name: unfilled, sql: `CREATE TABLE ${quoted(unfilled)} (key INTEGER NOT NULL)` },
    {
      kind: "table",
      name,
      sql: `CREATE VIRTUAL TABLE ${quoted(name)} /* rule ${TERMS_RULE} */ USING fts5(${columns}, ${options})`,
    },
    {
      kind: "trigger",
      name: trigger,
      sql:
        `CREATE TRIGGER ${quoted(trigger)} AFTER DELETE ON ${quoted(collection)} ` +
        `BEGIN DELETE FROM ${quoted(name)} WHERE rowid = old.key; END`,
    },
  ];
};

const statement = (sql: string, params: Statement["params"] = []): Statement => ({ sql, params, as: "count" });

/** A text table that is made anew is to be filled from what is there, from the last document to the first. */
export const markUnfilled = (collection: string, missing: readonly Thing[]): Unit => {
  if (!missing.some(({ name }) => name === tableOf(collection))) return [];
  const unfilled = quoted(unfilledOf(collection));
  const last = `SELECT max(key) AS last FROM ${quoted(collection)}`;
  return [
    statement(`DELETE FROM ${unfilled}`),
    statement(`INSERT INTO ${unfilled} SELECT last FROM (${last}) WHERE last IS NOT NULL`),
  ];
};

export class SqliteTextIndex {
  private readonly table: string;
  private readonly documents: string;
  private readonly unfilled: string;
  private readonly columns: readonly string[];
  private readonly replacing: string;

  constructor(
    collection: string,
    readonly declared: TextIndex,
  ) {
    this.table = quoted(tableOf(collection));
    this.documents = quoted(collection);
    this.unfilled = quoted(unfilledOf(collection));
    this.columns = declared.fields.map(columnOf);
    const columns = this.columns.map((_, index) => `wanted.value ->> ${index + 2}`);
    this.replacing =
      `REPLACE INTO ${this.table} (rowid, ${this.columns.join(", ")}) SELECT d.key, ${columns.join(", ")} ` +
      `FROM json_each(?) wanted CROSS JOIN ${this.documents} d ` +
      "ON d.id = wanted.value ->> 0 AND d.crc = wanted.value ->> 1";
  }

  /**
   * Replaces documents' terms, each if it is the one with this checksum that is there: after they were written. One
   * statement, as each makes SQLite write out what it has of the index.
   */
  replace(documents: readonly (readonly [Document, crc: number])[]): Statement {
    const wanted = documents.map(([document, crc]) => [document._id, crc, ...this.terms(document)]);
    return statement(this.replacing, [JSON.stringify(wanted)]);
  }

  /** Up to which key the table is still to be filled; no row when it is full. */
  get whereUnfilled(): string {
    return `SELECT max(key) AS key FROM ${this.unfilled}`;
  }

  /** Notes that what has this key or a higher one is in the table; 0: everything is. */
  filledDownTo(key: number): Statement {
    return key > 1
      ? statement(`UPDATE ${this.unfilled} SET key = min(key, ?)`, [key - 1])
      : statement(`DELETE FROM ${this.unfilled}`);
  }

  /** Selects at most so many matches of a tier, the last inserted first; undefined when nothing can match. */
  tier(columns: string, { text }: Search, condition: Sql, tier: number, most: number): Sql | undefined {
    const { terms, prefix } = queryOf(text);
    const words = [...terms.map(quoted), ...(prefix === undefined ? [] : [`${quoted(prefix)} *`])];
    if (words.length === 0) return undefined;
    const match = `{${this.columns.slice(0, tier + 1).join(" ")}} : (${words.join(" AND ")})`;
    const { table } = this;
    const candidates = `SELECT rowid AS found FROM ${table} WHERE ${table} MATCH ? ORDER BY rowid DESC LIMIT ?`;
    // CROSS JOIN: candidate by candidate, in their order, until there are enough.
    return {
      sql:
        `SELECT ${columns} FROM (${candidates}) CROSS JOIN ${this.documents} ON key = found ` +
        `WHERE ${condition.sql} LIMIT ?`,
      params: [match, condition.sql === "TRUE" ? most : MAX_CANDIDATES, ...condition.params, most],
    };
  }

  private terms(document: Document): string[] {
    return termsIn(document, this.declared.fields).map(terms => terms.join(" "));
  }
}

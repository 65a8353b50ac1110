// The documents of one collection in SQLite: how they are selected and written, each with a checksum of its text.
import { crc32 } from "node:zlib";
import { type Change, type Document, DuplicateKey, type Selection, type Shape, StoreUnavailable } from "../store";
import { checksumTrouble, type Database } from "./database";
import type { Outcome, Row, Statement, Unit, Value } from "./protocol";
import { clausesOf, type ItemTables, quoted, type Sql } from "./query";
import { itemTables, type Made, shaping } from "./shape";

/** @throws DuplicateKey, Error */
const resultsOf = (outcome: Outcome): readonly (number | readonly Row[])[] => {
  if (!outcome.error) return outcome.results;
  const { code, message } = outcome.error;
  throw code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY"
    ? new DuplicateKey(message)
    : new Error(message);
};

/** A document's text and checksum, as they are written. */
const textOf = (document: object): [string, number] => {
  const text = JSON.stringify(document);
  return [text, crc32(text)];
};

export class Documents {
  private readonly table: string;
  private readonly items: ItemTables;

  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly shape: Shape = {},
  ) {
    this.table = quoted(name);
    this.items = itemTables(name, shape);
  }

  /** Makes the table and its indexes, as far as they are not there. */
  async open(): Promise<void> {
    const has = (): Made[] =>
      this.database
        .read("SELECT type, name, sql FROM sqlite_schema", [])
        .map(({ type, name, sql }) => ({ type: String(type), name: String(name), sql: String(sql ?? "") }));
    // Of several processes that open it at once, one makes it.
    for (let unit = shaping(this.name, this.shape, has()); unit.length > 0;) {
      const { error } = await this.database.write(unit);
      unit = shaping(this.name, this.shape, has());
      if (error && unit.length > 0 && error.code !== "SQLITE_ERROR") throw new StoreUnavailable(error.message);
    }
  }

  async select<D extends Document>(selection: Selection): Promise<D[]> {
    await this.database.fairly();
    const { sql, params } = this.selecting("id, document, crc", selection);
    return this.database.read(sql, params).map(row => this.documentIn<D>(row));
  }

  async first<D extends Document>(selection: Selection): Promise<D | null> {
    await this.database.fairly();
    const { sql, params } = this.selecting("id, document, crc", { ...selection, limit: 1 });
    const row = this.database.readOne(sql, params);
    return row ? this.documentIn<D>(row) : null;
  }

  async count(selection: Selection): Promise<number> {
    await this.database.fairly();
    const { sql, params } = this.selecting("count(*) AS n", selection);
    return Number(this.database.readOne(sql, params)?.n);
  }

  /** What SQLite does to select. */
  plan(selection: Selection): string[] {
    const { sql, params } = this.selecting("id, document, crc", selection);
    return this.database.explain(sql, params).map(row => String(row.detail));
  }

  /** All of them or none. @throws DuplicateKey */
  async insert(documents: readonly Document[]): Promise<void> {
    await this.write(
      documents.map(document => ({
        sql: `INSERT INTO ${this.table} (id, document, crc) VALUES (?, ?, ?)`,
        params: [document._id, ...textOf(document)],
        as: "count",
      })),
    );
  }

  async putNewer(documents: readonly Document[]): Promise<void> {
    await this.write(
      documents.map(document => ({
        sql:
          `INSERT INTO ${this.table} (id, document, crc) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE ` +
          "SET document = excluded.document, crc = excluded.crc " +
          "WHERE document ->> '$.version' < excluded.document ->> '$.version'",
        params: [document._id, ...textOf(document)],
        as: "count",
      })),
    );
  }

  /** Changes what is selected; the documents as they are afterwards. @throws DuplicateKey */
  async change<D extends Document>(selection: Selection, operators: Change): Promise<D[]> {
    const write = `UPDATE ${this.table} SET document = ?, crc = ? WHERE key = ?`;
    const [changed] = await this.write([
      { ...this.selecting("key, document", selection), as: "rows", change: { operators, write } },
    ]);
    return (changed as Row[]).map(({ document }) => JSON.parse(String(document)) as D);
  }

  /** Removes what is selected: how many. */
  async remove(selection: Selection): Promise<number> {
    const { sql, params } = this.selecting("key", selection);
    const removing = { sql: `DELETE FROM ${this.table} WHERE key IN (${sql})`, params, as: "count" as const };
    return Number((await this.write([removing]))[0]);
  }

  private async write(statements: readonly Statement[]): Promise<readonly (number | readonly Row[])[]> {
    const unit: Unit = statements;
    return unit.length === 0 ? [] : resultsOf(await this.database.write(unit));
  }

  private selecting(what: string, selection: Selection): Sql {
    const { sql, params } = clausesOf(selection, this.items);
    return { sql: `SELECT ${what} FROM ${this.table}${sql}`, params };
  }

  private documentIn<D>({ id, document, crc }: Row): D {
    const text = String(document);
    if (crc32(text) !== crc) throw checksumTrouble(this.database.file, `${this.name} ${idText(id)}`);
    return JSON.parse(text) as D;
  }
}

const idText = (id: Value | undefined) => String(id ?? "?");

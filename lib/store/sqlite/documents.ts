// The documents of one collection in SQLite: how they are selected and written, each with a checksum of its text.
import { crc32 } from "node:zlib";
import { refuseTextChange, tiered } from "../search";
import {
  type Change,
  type Document,
  DuplicateKey,
  type Search,
  type Selection,
  type Shape,
  StoreUnavailable,
} from "../store";
import type { Database } from "./database";
import type { Outcome, Row, Statement, Unit, Value } from "./protocol";
import { clausesOf, conditionOf, type ItemTables, quoted, type Sql } from "./query";
import { itemTables, shaping } from "./shape";
import { SqliteTextIndex } from "./text-index";
import type { Made } from "./things";
import { checksumTrouble, damage, isNoJson } from "./trouble";

/** Documents whose terms are written at once when a text index is new. */
const FILL_BATCH = 500;

/** A document's text and checksum, as they are written. */
const textOf = (document: object): [string, number] => {
  const text = JSON.stringify(document);
  return [text, crc32(text)];
};

export class Documents {
  private readonly table: string;
  private readonly items: ItemTables;
  private readonly text: SqliteTextIndex | undefined;

  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly shape: Shape = {},
  ) {
    this.table = quoted(name);
    this.items = itemTables(name, shape);
    this.text = shape.text && new SqliteTextIndex(name, shape.text);
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
    if (this.text) await this.fill(this.text);
  }

  /** Fills a new text index from what is there. What ends in the middle goes on there at the next opening. */
  private async fill(text: SqliteTextIndex): Promise<void> {
    const batch = `SELECT key, id, document, crc FROM ${this.table} WHERE key <= ? ORDER BY key DESC LIMIT ?`;
    for (;;) {
      const from = this.database.readOne(text.whereUnfilled, [])?.key ?? null;
      if (from === null) return;
      const rows = this.database.read(batch, [from, FILL_BATCH]);
      const replacing = text.replace(rows.map(row => [this.documentIn(row), Number(row.crc)]));
      const downTo = rows.length < FILL_BATCH ? 0 : Number(rows.at(-1)?.key);
      await this.write([replacing, text.filledDownTo(downTo)]);
    }
  }

  /** @throws Error when there is no text index */
  async search<D extends Document>(search: Search): Promise<D[]> {
    const { text } = this;
    if (!text) throw new Error("This collection was opened without a text index.");
    const condition = conditionOf(search.query ?? {}, this.items);
    return tiered<D>(search, text.declared, async (tier, most) => {
      await this.database.fairly();
      const selecting = text.tier("id, document, crc", search, condition, tier, most);
      return selecting ? this.database.read(selecting.sql, selecting.params).map(row => this.documentIn<D>(row)) : [];
    });
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
    await this.put(documents, `INSERT INTO ${this.table} (id, document, crc) VALUES (?, ?, ?)`);
  }

  async putNewer(documents: readonly Document[]): Promise<void> {
    await this.put(
      documents,
      `INSERT INTO ${this.table} (id, document, crc) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE ` +
        "SET document = excluded.document, crc = excluded.crc " +
        "WHERE document ->> '$.version' < excluded.document ->> '$.version'",
    );
  }

  private async put(documents: readonly Document[], sql: string): Promise<void> {
    const written = documents.map(document => [document, ...textOf(document)] as const);
    const puts = written.map(([{ _id }, text, crc]): Statement => ({ sql, params: [_id, text, crc], as: "count" }));
    const indexed = this.text ? [this.text.replace(written.map(([document, , crc]) => [document, crc]))] : [];
    if (puts.length > 0) await this.write([...puts, ...indexed]);
  }

  /** Changes what is selected; the documents as they are afterwards. @throws DuplicateKey, TypeError */
  async change<D extends Document>(selection: Selection, operators: Change): Promise<D[]> {
    if (this.text) refuseTextChange(operators, this.text.declared);
    const write = `UPDATE ${this.table} SET document = ?, crc = ? WHERE key = ?`;
    const [changed] = await this.write([
      { ...this.selecting("key, id, document, crc", selection), as: "rows", change: { operators, write } },
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
    return unit.length === 0 ? [] : this.resultsOf(await this.database.write(unit));
  }

  private resultsOf(outcome: Outcome): readonly (number | readonly Row[])[] {
    if (!outcome.error) return outcome.results;
    const { code, message } = outcome.error;
    if (code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY") throw new DuplicateKey(message);
    if (code === "CHECKSUM") throw checksumTrouble(this.database.file, `${this.name} ${message}`);
    throw isNoJson(message) ? damage(this.database.file, message) : new Error(message);
  }

  private selecting(what: string, selection: Selection): Sql {
    const { sql, params } = clausesOf(selection, this.items);
    return { sql: `SELECT ${what} FROM ${this.table}${sql}`, params };
  }

  private documentIn<D>({ id, document, crc }: Row): D {
    const text = String(document);
    if (crc32(text) !== crc) throw checksumTrouble(this.database.file, `${this.name} ${idText(id)}`);
    const found = JSON.parse(text) as D & Document;
    if (found._id !== id) throw damage(this.database.file, `${this.name} ${idText(id)} is another document`);
    return found;
  }
}

const idText = (id: Value | undefined) => String(id ?? "?");

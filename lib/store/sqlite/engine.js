// Carries out units of statements on a SQLite connection: many units in one transaction, each of them whole or not at
// all.
const { crc32 } = require("node:zlib");
const { applyChange } = require("./change");

/** @typedef {import("./protocol").Unit} Unit */
/** @typedef {import("./protocol").Statement} Statement */
/** @typedef {import("./protocol").Outcome} Outcome */
/** @typedef {import("./protocol").Row} Row */
/** @typedef {import("./protocol").Prepared} Prepared */

/** Statements that are kept prepared; far more than the shop has. */
const MAX_PREPARED = 1000;

/** @param {unknown} error */
const codeOf = error =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * Such an error concerns its own unit: a value that is taken, a statement that makes no sense. After any other one of
 * SQLite's nothing in the transaction is certain.
 * @param {string} code
 */
const isOfUnit = code => !code.startsWith("SQLITE_") || code === "SQLITE_ERROR" || code.startsWith("SQLITE_CONSTRAINT");

class Refused extends Error {
  code = "REFUSED";
}

/** A document that is to be changed is not the one that was written. */
class Damaged extends Error {
  code = "CHECKSUM";
}

class Engine {
  /** @type {Map<string, Prepared>} */
  #prepared = new Map();
  /** @param {{ prepare(sql: string): unknown, close(): void }} database */
  constructor(database) {
    this.database = database;
  }

  /** @param {string} sql @returns {Prepared} */
  prepare(sql) {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const prepared = /** @type {Prepared} */ (this.database.prepare(sql));
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.clear();
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  /**
   * All units in one transaction, which is on disk when this returns.
   * @param {readonly Unit[]} units @returns {Outcome[]}
   * @throws Error when it could not be begun or committed: then nothing was written
   */
  commit(units) {
    this.prepare("BEGIN IMMEDIATE").run();
    try {
      const outcomes = units.map(unit => this.#unit(unit));
      this.prepare("COMMIT").run();
      return outcomes;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** @param {Unit} unit @returns {Outcome} */
  #unit(unit) {
    const isAtomic = unit.length === 1 && !unit[0]?.change;
    if (!isAtomic) this.prepare("SAVEPOINT unit").run();
    try {
      const results = unit.map(statement => this.#run(statement));
      if (!isAtomic) this.prepare("RELEASE unit").run();
      return { results };
    } catch (error) {
      const code = codeOf(error);
      if (!isOfUnit(code)) throw error;
      if (!isAtomic) {
        this.prepare("ROLLBACK TO unit").run();
        this.prepare("RELEASE unit").run();
      }
      return { error: { code, message: error instanceof Error ? error.message : String(error) } };
    }
  }

  /** @param {Statement} statement @returns {number | Row[]} */
  #run({ sql, params, as, change }) {
    if (change) return this.#change(sql, params, change);
    if (as === "count") return this.prepare(sql).run(params).changes;
    const rows = this.prepare(sql).all(params);
    if (as === "refuse" && rows.length > 0) throw new Refused("A condition does not hold.");
    return rows;
  }

  /**
   * Reads documents, changes them, writes them: `sql` selects their key, id, document and crc, `write` takes document,
   * checksum and key.
   * @param {string} sql @param {Statement["params"]} params @param {NonNullable<Statement["change"]>} change
   */
  #change(sql, params, { operators, write }) {
    const written = this.prepare(sql)
      .all(params)
      .map(({ key, id, document, crc }) => {
        if (crc32(String(document)) !== crc) throw new Damaged(String(id));
        const next = JSON.stringify(applyChange(JSON.parse(String(document)), operators));
        this.prepare(write).run([next, crc32(next), key]);
        return { document: next };
      });
    return written;
  }

  #rollBack() {
    try {
      this.prepare("ROLLBACK").run();
    } catch {
      // SQLite has done it itself, as it does when the disk is full.
    }
  }

  close() {
    this.#prepared.clear();
    this.database.close();
  }
}

module.exports = { Engine, codeOf };

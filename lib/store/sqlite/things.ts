// What a collection consists of in SQLite, as it should be and as it is.

/** Something in the database: what kind, under which name, and the statement that makes it. */
export interface Thing {
  readonly kind: "table" | "index" | "trigger";
  readonly name: string;
  readonly sql: string;
}

/** A row of SQLite's own list of what there is. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

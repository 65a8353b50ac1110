// What is said to the thread that writes, and what it answers.
import type { Change } from "../store";

export type Value = string | number | null;

export interface Row {
  readonly [column: string]: Value;
}

export interface Statement {
  readonly sql: string;
  readonly params: readonly Value[];
  /** What is wanted of it: how many rows it changed, its rows, or that it has none: else its unit is refused. */
  readonly as: "count" | "rows" | "refuse";
  /** Changes the documents that `sql` selects, each with its key, by `write`. The result are the new documents. */
  readonly change?: { readonly operators: Change; readonly write: string };
}

/** Statements that take effect together or not at all. */
export type Unit = readonly Statement[];

/** A result per statement; or why the unit was left out. */
export type Outcome =
  | { readonly results: readonly (number | readonly Row[])[]; readonly error?: undefined }
  | { readonly error: { readonly code: string; readonly message: string } };

export type Request =
  | { readonly file: string; readonly id: number; readonly open: { readonly synchronous: string } }
  | { readonly file: string; readonly id: number; readonly units: readonly Unit[]; readonly timeoutMs: number }
  | { readonly file: string; readonly id: number; readonly close: true };

/** To the request with this id: its outcomes, or why none of it was done. */
export interface Reply {
  readonly id: number;
  readonly outcomes?: readonly Outcome[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** A statement of libsql, which has better-sqlite3's interface. */
export interface Prepared {
  run(params?: readonly unknown[]): { readonly changes: number };
  all(params?: readonly unknown[]): Row[];
}

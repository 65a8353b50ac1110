// Reads what SQLite says that it will do.
import type { Plan, Selection } from "../store";

/** @param lines of EXPLAIN QUERY PLAN, of which the documentation has examples: SEARCH t USING INDEX i (…), SCAN t … */
export const planIn = (lines: readonly string[], { query = {}, limit, sort = [], after }: Selection): Plan => {
  const sorts = lines.some(line => line.startsWith("USE TEMP B-TREE"));
  const indexes = lines.flatMap(
    line => (/ USING (?:COVERING )?INDEX (\S+)/.exec(line) ?? /^SEARCH (\S+) USING PRIMARY KEY/.exec(line))?.[1] ?? [],
  );
  const isWalk = Object.keys(query).length === 0 && limit !== undefined && !sorts;
  // The first few of all, in the order of an index or in none, are found without looking at the others.
  const isWhole = lines.some(line => line.startsWith("SCAN") && !line.includes("json_each")) && !isWalk;
  // A place in the order is where a search begins: else all that comes before it is read.
  const scans = isWhole || (after !== undefined && !lines.some(line => /[<>]\?/.test(line)));
  return { indexes: indexes.map(readable), scans, sorts: sorts && sort.length > 0 };
};

const readable = (index: string) => (index.startsWith("sqlite_autoindex") ? "_id" : index.replace(/^[^:]*:/, ""));

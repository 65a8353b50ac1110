// A store that remembers what its collections are asked for, so that a test can have each question explained.
import type { Collection, Document, Plan, Selection, Store } from "../../lib/store/store";
import { aroundStore } from "./around-store";

export interface Asked {
  /** The store's name and the collection's, without what tells generations of a model apart. */
  readonly where: string;
  /** Field names and operators, without the values. */
  readonly what: string;
  readonly plan: Plan;
  /**
   * Whether a declared index begins with what is asked for exactly, and goes on with the order, or else with a range.
   */
  readonly isDeclared: boolean;
}

const selectionOf = (method: string, [first]: readonly unknown[]): Selection | undefined => {
  if (method === "find") return (first ?? {}) as Selection;
  if (["findOne", "count", "update"].includes(method)) return { query: (first ?? {}) as Selection["query"] & object };
  return undefined;
};

/** What is asked, apart from the values. */
const formOf = ({ query = {}, sort = [], after, limit, offset }: Selection): string => {
  const fields = Object.entries(query).map(([field, wanted]) => {
    const operators = typeof wanted === "object" && wanted !== null ? Object.keys(wanted) : [];
    return operators.some(one => one.startsWith("$")) ? `${field} ${operators.join(" ")}` : field;
  });
  const flags = { after, limit, offset };
  const bounds = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return `${fields.join(", ")} | ${sort.join(", ")} | ${bounds.join(", ")}`;
};

const isOperators = (wanted: unknown) =>
  typeof wanted === "object" && wanted !== null && Object.keys(wanted).some(key => key.startsWith("$"));
const bare = (field: string) => field.replace(/^-/, "");

const isServedBy = ({ query = {}, sort = [] }: Selection, index: readonly string[]): boolean => {
  const exact = (field = "") => field in query && !isOperators(query[field]);
  const end = index.findIndex(field => !exact(bare(field)));
  const [begins, rest] = end < 0 ? [index, []] : [index.slice(0, end), index.slice(end).map(bare)];
  if (sort.length > 0) return sort.map(bare).every((field, place) => rest[place] === field);
  return begins.length > 0 || (rest[0] ?? "") in query;
};

/** Remembers what any number of stores are asked for. */
export const remembering = () => {
  const questions = new Map<string, Promise<Asked>>();
  return {
    /** The same store, whose questions are remembered. */
    wrap(name: string, store: Store): Store {
      const collections = new Map<string, Collection<Document>>();
      const indexes = new Map<string, readonly (readonly string[])[]>();
      const noting = aroundStore(store, ({ on, method, args }, work) => {
        const selection = selectionOf(method, args);
        const collection = collections.get(on);
        if (selection && collection) {
          const where = `${name} ${on.replace(/-([0-9]|[0-9a-f]{8})(?=$|-)/, "")}`;
          const what = formOf(selection);
          const key = `${where} ${what}`;
          const isDeclared = indexes.get(on)?.some(index => isServedBy(selection, index)) ?? false;
          // At once: a collection may be gone later.
          if (!questions.has(key))
            questions.set(
              key,
              collection.explain(selection).then(plan => ({ where, what, plan, isDeclared })),
            );
        }
        return work();
      });
      return {
        ...noting,
        async collection<D extends Document>(of: string, shape?: Parameters<Store["collection"]>[1]) {
          collections.set(of, await store.collection(of, shape));
          indexes.set(of, [["_id"], ...(shape?.indexes ?? []).map(({ fields }) => fields)]);
          return noting.collection<D>(of, shape);
        },
      };
    },
    /** All of them, each once, with what the store does about it. */
    explained: (): Promise<Asked[]> => Promise.all(questions.values()),
  };
};

// Reads out of MongoDB's explain what the planner has decided to do.
import type { Collection } from "mongodb";
import type { Document, Plan, Selection } from "../store";

interface Stage {
  readonly stage?: string;
  /** A text, such as `{ _id: 1 }`, where a single look needs no plan. */
  readonly keyPattern?: Readonly<Record<string, number>> | string;
  /** The ranges that are read, per field of the index, as texts. */
  readonly indexBounds?: Readonly<Record<string, readonly string[]>>;
  readonly filter?: object;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
  /** Where the engine that runs a plan is the newer one, the plan is in here. */
  readonly queryPlan?: Stage;
}

const WHOLE_INDEX = /^\[Min ?Key, Max ?Key\]$|^\[Max ?Key, Min ?Key\]$/i;

const stagesIn = (stage: Stage): Stage[] => {
  if (stage.queryPlan) return stagesIn(stage.queryPlan);
  const inputs = [...(stage.inputStage ? [stage.inputStage] : []), ...(stage.inputStages ?? [])];
  return [stage, ...inputs.flatMap(stagesIn)];
};

const indexOf = ({ stage, keyPattern }: Stage): string[] => {
  if (stage === "IDHACK" || stage?.startsWith("EXPRESS_CLUSTERED")) return ["_id"];
  if (keyPattern === undefined) return [];
  const fields =
    typeof keyPattern === "string"
      ? [...keyPattern.matchAll(/([\w.]+)"?\s*:\s*(-?\d)/g)].map(([, field, direction]) => [field, Number(direction)])
      : Object.entries(keyPattern);
  return [fields.map(([field, direction]) => (Number(direction) < 0 ? `-${field}` : `${field}`)).join(",")];
};

const readsWhole = ({ indexBounds = {} }: Stage): boolean => {
  const [first = []] = Object.values(indexBounds);
  return first.length > 0 && first.every(range => WHOLE_INDEX.test(range));
};

/** What MongoDB's answer to `explain` says. */
export const planIn = (queryPlanner: unknown, { query = {}, limit }: Selection): Plan => {
  const stages = stagesIn((queryPlanner as { winningPlan: Stage }).winningPlan);
  const sorts = stages.some(({ stage }) => stage === "SORT");
  const isAll = Object.keys(query).length === 0 && !(sorts && limit !== undefined);
  const isFiltered = stages.some(({ filter }) => filter !== undefined);
  const scans = stages.some(stage => stage.stage === "COLLSCAN" || (isFiltered && readsWhole(stage)));
  return { indexes: [...new Set(stages.flatMap(indexOf))], scans: scans && !isAll, sorts };
};

/** What the server would do to select. */
export const planOf = async (collection: Collection<Document>, selection: Selection): Promise<Plan> => {
  const { query = {}, sort, limit } = selection;
  const order = sort?.map((field): [string, 1 | -1] => [field.replace(/^-/, ""), field.startsWith("-") ? -1 : 1]);
  const cursor = collection.find(query, { ...(order ? { sort: order } : {}), ...(limit ? { limit } : {}) });
  return planIn((await cursor.explain("queryPlanner")).queryPlanner, selection);
};

/** What several queries do together. */
export const together = (plans: readonly Plan[]): Plan => ({
  indexes: [...new Set(plans.flatMap(({ indexes }) => indexes))],
  scans: plans.some(({ scans }) => scans),
  sorts: plans.some(({ sorts }) => sorts),
});

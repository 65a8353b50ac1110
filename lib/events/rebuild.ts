// Makes a read model anew from its log beside the live one, compares both, and shows the new one: while its service
// runs.
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { EventSchemas } from "../contract";
import type { Log } from "../store/log";
import { type Collection, DuplicateKey, type Store, type Versioned } from "../store/store";
import { LogChanged } from "./checkpoint";
import { compare, type Compared } from "./comparison";
import {
  currentOf,
  dropGeneration,
  type Generation,
  type ModelDocument,
  openGeneration,
  openModels,
} from "./generation";
import type { Projection } from "./projection";
import { Projector } from "./projector";
import { KEPT_MS } from "./read-model";

/** Commits at a time: nobody waits for this process. */
const BATCH = 2000;
/** Milliseconds after which somebody who makes a generation, and was not seen at it, is taken for dead. */
const DEAD_AFTER_MS = 60_000;

/** What came of it. `position` is where the log was; the counts are compared as the entries are. */
export interface Rebuilt {
  readonly outcome: "switched" | "different";
  readonly generation: string;
  readonly position: number;
  readonly tookMs: number;
  readonly entries: Compared;
  readonly counts: Compared;
}

export interface RebuildOptions {
  /** Shows the new one also when it differs from the live one. */
  readonly replace?: boolean;
  /** Told how far it has come, and where the log ends. */
  onProgress?(position: number, head: number): Promise<void> | void;
  /** Milliseconds for which the former generation stays. */
  readonly keptMs?: number;
}

export class RebuildAbandoned extends Error {
  override readonly name = "RebuildAbandoned";
  constructor() {
    super("Another process has taken this one for dead, and has removed what it made. Run it again.");
  }
}

export class RebuildOvertaken extends Error {
  override readonly name = "RebuildOvertaken";
  constructor() {
    super("Another rebuild was faster: what that one made is shown.");
  }
}

/** Something that another rebuild, which is dead, has left: what it made, or the former generation. */
const clearLeftovers = async (store: Store, models: Collection<ModelDocument>, model: string): Promise<void> => {
  const current = await currentOf(models, model);
  for (const { _id } of await models.find({ query: { model, seen: { $lt: Date.now() - DEAD_AFTER_MS } } })) {
    if (_id !== current) await dropGeneration(store, _id);
    await models.remove(_id);
  }
};

const note = async (models: Collection<ModelDocument>, generation: string, model: string): Promise<void> => {
  try {
    await models.insert({ _id: generation, model, seen: Date.now() });
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error;
  }
};

/** A difference that stands for all others: the live one cannot even be brought up to its log. */
const misfit = (error: LogChanged): Compared => ({
  same: 0,
  checksums: ["", ""],
  differences: [`the live one does not fit its log: ${error.message}`],
});

const compareGenerations = async (
  [live, other]: readonly [Generation<Versioned>, Generation<Versioned>],
  volatile: readonly string[],
  catchUp: () => Promise<void>,
): Promise<Pick<Rebuilt, "entries" | "counts">> => {
  try {
    await catchUp();
    return {
      entries: await compare(live.entries, other.entries, volatile, catchUp),
      counts: await compare(live.counts, other.counts, [], catchUp),
    };
  } catch (error) {
    if (!(error instanceof LogChanged)) throw error;
    return { entries: misfit(error), counts: { same: 0, checksums: ["", ""], differences: [] } };
  }
};

/**
 * Two of these at once do each other no harm: each makes its own, and of two that want to show theirs one does. What
 * one that is killed has left is removed by the next.
 * @throws RebuildOvertaken when the other one was faster; RebuildAbandoned when this one was asleep for so long that
 * the other one has removed what it made
 */
export const rebuild = async <S extends EventSchemas, T, D extends Versioned>(
  store: Store,
  projection: Projection<S, T, D>,
  { replace = false, onProgress, keptMs = KEPT_MS }: RebuildOptions = {},
): Promise<Rebuilt> => {
  const began = performance.now();
  const [log, models, model]: [Log, Collection<ModelDocument>, string] = [
    await store.log(),
    await openModels(store),
    projection.name,
  ];
  await clearLeftovers(store, models, model);
  const live = await openGeneration(store, projection, await currentOf(models, model));
  // Its indexes come when all is there: that is much faster than one entry after the other.
  const bare = { ...projection, shape: { ...projection.shape, indexes: [] } };
  const made = await openGeneration(store, bare, `${model}-${randomBytes(4).toString("hex")}`);
  await note(models, made.name, model);
  const giveUp = async () => {
    await dropGeneration(store, made.name);
    await models.remove(made.name);
  };
  let isShown = false;
  try {
    let head = await log.head();
    const seen = async (position: number) => {
      if (!(await models.update({ _id: made.name }, { $set: { seen: Date.now() } }))) throw new RebuildAbandoned();
      await onProgress?.(position, head);
    };
    const anew = new Projector(projection, log, made, { isAlone: true, batch: BATCH, onBatch: seen });
    const shown = new Projector(projection, log, live);
    const catchUp = async () => {
      head = await log.head();
      await Promise.all([anew.catchUp(head), shown.catchUp(head)]);
    };
    await anew.catchUp(head);
    await openGeneration(store, projection, made.name);
    const compared = await compareGenerations([live, made], projection.volatile ?? [], catchUp);
    await seen(head);
    const isSame = compared.entries.differences.length + compared.counts.differences.length === 0;
    const rebuilt = { generation: made.name, position: head, tookMs: performance.now() - began, ...compared };
    if (!isSame && !replace) {
      await giveUp();
      return { outcome: "different", ...rebuilt };
    }
    // Before it is the former one: if this process is killed, the next rebuild knows of it.
    await note(models, live.name, model);
    if (!(await models.update({ _id: model, generation: live.name }, { $set: { generation: made.name } })))
      throw new RebuildOvertaken();
    await models.remove(made.name);
    isShown = true;
    await setTimeout(keptMs);
    await dropGeneration(store, live.name);
    await models.remove(live.name);
    return { outcome: "switched", ...rebuilt };
  } catch (error) {
    if (isShown) throw error;
    await giveUp().catch(() => undefined);
    if ((await currentOf(models, model)) === live.name) throw error;
    // What is left of it goes with the next rebuild.
    await note(models, live.name, model);
    throw new RebuildOvertaken();
  }
};

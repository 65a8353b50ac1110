// The collections of a read model as it was made at some time: which of them is shown can change while it is read.
import { type Collection, type Document, DuplicateKey, type Store, type Versioned } from "../store/store";
import { type Checkpoint, type CheckpointDocument, storedCheckpoint } from "./checkpoint";
import type { Counts } from "./counters";
import type { Projection, Shown } from "./projection";
import type { EventSchemas } from "../contract";

/** Which generation of a model is shown, or that somebody is making one. */
export interface ModelDocument extends Document {
  /** The generation that the model with this id shows. */
  readonly generation?: string;
  /** Of a generation that is being made: which model's. */
  readonly model?: string;
  /** When its maker was last seen at it, milliseconds since 1970. */
  readonly seen?: number;
}

export const openModels = (store: Store): Promise<Collection<ModelDocument>> =>
  store.collection<ModelDocument>("models", { indexes: [{ fields: ["model", "seen"] }] });

export interface Generation<D extends Versioned> extends Shown<D> {
  readonly name: string;
  readonly checkpoint: Checkpoint;
}

const countsOf = (name: string) => `${name}-counts`;
const checkpointsIn = (store: Store) => store.collection<CheckpointDocument>("checkpoints");

/** The generation of a model that is shown; the first one, when there is none yet. */
export const currentOf = async (models: Collection<ModelDocument>, model: string): Promise<string> => {
  for (;;) {
    const found = (await models.get(model))?.generation;
    if (found !== undefined) return found;
    try {
      await models.insert({ _id: model, generation: `${model}-1` });
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
    }
  }
};

export const openGeneration = async <S extends EventSchemas, T, D extends Versioned>(
  store: Store,
  { shape }: Projection<S, T, D>,
  name: string,
): Promise<Generation<D>> => ({
  name,
  entries: await store.collection<D>(name, shape),
  counts: await store.collection<Counts>(countsOf(name)),
  checkpoint: storedCheckpoint(await checkpointsIn(store), name),
});

/** Removes all that a generation has. The checkpoint first: without it nothing of the rest counts. */
export const dropGeneration = async (store: Store, name: string): Promise<void> => {
  await (await checkpointsIn(store)).remove(name);
  await store.drop(countsOf(name));
  await store.drop(name);
};

// How far a follower has come, in which log, and how it notices that this log is not the one it followed any more.
import { type Collection, DuplicateKey } from "../store/store";

/** Where a follower stands. Checkpoints of before they remembered more know the position only. */
export interface Place {
  position: number;
  /** The log's id. */
  log?: string;
  /** The id of the commit at that position. */
  commit?: string;
}

/**
 * What a feed answers: commits after a position, oldest first, without gaps, and where the log ends. A page may hold
 * fewer than asked for.
 */
export interface Page {
  /** The log's id. */
  log: string;
  /**
   * The id of the commit that stands at the position after which was asked; null at the beginning, or when there is
   * none.
   */
  at: string | null;
  commits: readonly { position: number; id: string; events: readonly unknown[] }[];
  head: number;
}

/** Where a follower keeps its place. */
export interface Checkpoint {
  load(): Promise<Place>;
  save(place: Place): Promise<void>;
}

export interface CheckpointDocument extends Place {
  _id: string;
}

/** A checkpoint in the follower's own store; it never goes back. */
export const storedCheckpoint = (collection: Collection<CheckpointDocument>, name: string): Checkpoint => ({
  load: async () => {
    const { _id, ...place } = (await collection.get(name)) ?? { _id: name, position: 0 };
    return place;
  },
  save: async place => {
    for (;;) {
      if (await collection.update({ _id: name, position: { $lte: place.position } }, { $set: { ...place } })) return;
      if (await collection.get(name)) return;
      try {
        return await collection.insert({ _id: name, ...place });
      } catch (error) {
        // Another process is at its beginning, too.
        if (!(error instanceof DuplicateKey)) throw error;
      }
    }
  },
});

/**
 * A checkpoint in memory that starts at `position`: for what is rebuilt at each start anyway, or when it is forgotten.
 */
export const memoryCheckpoint = (position: () => Promise<number>): Checkpoint & { forget(): void } => {
  let at: Place | undefined;
  return {
    load: async () => (at ??= { position: await position() }),
    save: async place => {
      at = place;
    },
    forget: () => {
      at = undefined;
    },
  };
};

/**
 * Events were lost, or have happened that nobody told of: which ones, a person must decide. Nothing is applied until
 * then.
 */
export class LogChanged extends Error {
  override readonly name = "LogChanged";
  /**
   * @param from the first position that a follower in doubt should apply (again): events that it has seen before do no
   * harm
   */
  constructor(
    message: string,
    readonly from: number,
  ) {
    super(message);
  }
}

/**
 * What shows that a page continues another log than the one that was followed to this place, such as one that was
 * restored from a backup; undefined when nothing does. A restored log has its old id: then its end, or the commit at
 * this place, tells.
 */
export const logChange = ({ position, log, commit }: Place, page: Page): LogChanged | undefined => {
  if (position > 0 && log !== undefined && page.log !== log)
    return new LogChanged("it is another log than was followed", 1);
  if (position > page.head)
    return new LogChanged(`it ends at ${page.head} and was followed to ${position}`, page.head + 1);
  if (position > 0 && page.at === null) return new LogChanged(`its commit ${position} is missing`, position + 1);
  if (position > 0 && commit !== undefined && page.at !== commit)
    return new LogChanged(`its commit ${position} is another one than was followed`, 1);
  const expected = page.commits.findIndex((one, index) => one.position !== position + index + 1);
  const hole =
    expected >= 0
      ? position + expected + 1
      : page.commits.length === 0 && page.head > position
        ? position + 1
        : undefined;
  return hole === undefined ? undefined : new LogChanged(`its commit ${hole} is missing`, hole + 1);
};

/** The place after a page's commits up to `position`. */
export const placeIn = (page: Page, position: number, before: Place): Place => {
  const commit =
    page.commits.find(one => one.position === position)?.id ?? (position === before.position ? page.at : null);
  return { position, log: page.log, ...(commit === null ? {} : { commit }) };
};

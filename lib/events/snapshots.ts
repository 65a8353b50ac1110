// States of long streams, kept so that reading begins there: a copy that can be lost, and never believed over the log.
import { type Collection, StoreUnavailable, type Versioned } from "../store/store";
import { Loaded } from "./loaded";

/** What is kept of one kind of stream. */
export interface SnapshotKind {
  /** Names the kind among those of its log. */
  readonly name: string;
  /** To be raised whenever the shape of the state, or how events change it, becomes another one. */
  readonly schema: number;
}

export interface SnapshotDocument extends Versioned {
  readonly kind: string;
  readonly schema: number;
  readonly stream: string;
  /** The commit that brought the stream to this version. */
  readonly commit: string;
  readonly state: unknown;
}

/** Where states of this kind are kept, if they are. */
interface Kept {
  readonly snapshots?: SnapshotKind;
}

/** Events between two snapshots of a stream. To read so many and a snapshot costs about what a short stream does. */
const EVERY = 12;

/** Releases side by side keep their own; what an earlier one left behind is smaller than its log. */
const idOf = ({ name, schema }: SnapshotKind, stream: string) => `${name}@${schema}:${stream}`;

export class Snapshots {
  constructor(private readonly collection: Pick<Collection<SnapshotDocument>, "get" | "putNewer" | "remove">) {}

  /** What is kept of a stream, unless it is nothing to go by. Whether the log has it, its reader sees. */
  async find<T>({ snapshots }: Kept, stream: string): Promise<Loaded<T> | undefined> {
    if (!snapshots) return undefined;
    const found = await this.collection.get(idOf(snapshots, stream)).catch(error => {
      if (error instanceof StoreUnavailable) throw error;
      // Whatever is the matter with it, the log has all that it has.
      return null;
    });
    return found ? new Loaded(stream, found.version, found.state as T, found.commit) : undefined;
  }

  /** Keeps a state, in the background, if it is time: `since` is the version of the last one that was kept. */
  keepIfDue<T>({ snapshots }: Kept, { stream, version, commitId: commit, state }: Loaded<T>, since: number): void {
    if (!snapshots || commit === undefined || version - since < EVERY) return;
    const { name, schema } = snapshots;
    const document = { _id: idOf(snapshots, stream), kind: name, schema, stream, version, commit, state };
    // Who comes next reads some events more, and tries again.
    this.collection.putNewer([document]).catch(() => undefined);
  }

  /** As keepIfDue, after an append that brought a stream from one version to another. */
  keepIfPassed<T>(kept: Kept, loaded: Loaded<T>, from: number): void {
    this.keepIfDue(kept, loaded, from - (from % EVERY));
  }

  /** Forgets what is kept of a stream, in the background: it is of no use. */
  discard({ snapshots }: Kept, stream: string): void {
    if (snapshots) this.collection.remove(idOf(snapshots, stream)).catch(() => undefined);
  }
}

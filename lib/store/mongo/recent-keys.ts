// What a process has seen of its log a moment ago, so that it need not look again whether it is there.
import type { CommitDocument } from "./commit-documents";

/** Milliseconds: less than it takes to put a backup in the place of a log. */
const TRUSTED_MS = 1000;
const REMEMBERED = 10_000;

type Seen = Pick<CommitDocument, "_id" | "keys" | "rank">;

export class RecentKeys {
  private readonly entries = new Map<string, { readonly commit: Seen; readonly at: number }>();

  /** @param at when the log was asked, by performance.now() */
  note(commit: Seen, at: number): void {
    for (const key of commit.keys) {
      this.entries.delete(key);
      this.entries.set(key, { commit, at });
    }
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= REMEMBERED) return;
      this.entries.delete(oldest);
    }
  }

  /** The commit with this key; undefined when it has to be asked for. */
  find(key: string): Seen | undefined {
    const entry = this.entries.get(key);
    return entry && performance.now() - entry.at < TRUSTED_MS ? entry.commit : undefined;
  }
}

// Everything that the clients of a run were told, written down as it comes.
import type { Deed, Facts, Purchase, Reading, Restock } from "../check/facts";

export class Records implements Pick<Facts, "purchases" | "deeds" | "restocks" | "readings"> {
  readonly purchases: Purchase[] = [];
  readonly deeds: Deed[] = [];
  readonly restocks: Restock[] = [];
  readonly readings: Reading[] = [];
  /** No new purchase begins. */
  isClosing = false;
  /** Nobody waits for an answer any more. */
  isOver = false;

  /** The orders that were acknowledged, and the newest version of each that anybody was told of. */
  get acknowledged(): Map<string, number> {
    const versions = new Map<string, number>();
    for (const { orderId, version = 1 } of [...this.purchases, ...this.deeds].flatMap(({ answers }) => answers))
      if (orderId !== undefined) versions.set(orderId, Math.max(version, versions.get(orderId) ?? 0));
    return versions;
  }
}

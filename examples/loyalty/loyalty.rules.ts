// The rules of loyalty: what an order is worth, and which orders count. Pure.
import type { Money } from "../../contracts/common";
import type { Points } from "./loyalty.contract";

/** What is known of an order; its events come in order, and may come again. */
export interface Earning {
  readonly userId: string;
  readonly points: number;
  /** Confirmed, and not given back since. */
  readonly counts: boolean;
}

/** A point for each whole hundred of the currency's minor unit. */
export const worth = ({ amount }: Money): number => Math.floor(amount / 100);

export const pointsFrom = (earnings: readonly Earning[]): Points => {
  const counting = earnings.filter(({ counts }) => counts);
  return { points: counting.reduce((sum, { points }) => sum + points, 0), orders: counting.length };
};

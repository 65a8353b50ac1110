// What the loyalty service promises: how many points a customer has from the orders that were confirmed for him.
import { type Static, Type } from "@sinclair/typebox";
import { health, Nothing } from "../../contracts/common";
import { action, type Named, object } from "../../lib/contract";

export const Points = object({
  points: Type.Integer({ minimum: 0 }),
  orders: Type.Integer({ minimum: 0, description: "How many orders they come from." }),
});
export type Points = Static<typeof Points>;

export const loyalty = {
  points: action({ access: "user", params: Nothing, result: Points, refuses: [], idempotent: true }),
  health,
};

// A service of the shop stands in the list of contracts/index.ts instead.
type LoyaltyActions = Named<"loyalty", typeof loyalty>;
declare module "../../lib/contract" {
  interface Actions extends LoyaltyActions {}
}

// The whole vocabulary of the system: every action, every durable event, every nudge. Types only.
import type { Static } from "@sinclair/typebox";
import type { Named } from "../lib/contract";
import type { Nudge } from "./common";
import type { mail } from "./mail";
import type { orderEvents, orders } from "./orders";
import type { paymentEvents, payments } from "./payments";
import type { productEvents, products } from "./products";
import type { userEvents, users } from "./users";

export type Actions = Named<"users", typeof users> &
  Named<"products", typeof products> &
  Named<"orders", typeof orders> &
  Named<"payments", typeof payments> &
  Named<"mail", typeof mail>;

/** The services whose events others may follow, and what these events carry. */
export interface Feeds {
  users: typeof userEvents;
  products: typeof productEvents;
  orders: typeof orderEvents;
  payments: typeof paymentEvents;
}

/** Moleculer events are nudges only: "there is something new in my feed". */
export type Events = { [S in keyof Feeds as `${S}.appended`]: Static<typeof Nudge> };

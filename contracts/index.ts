// The one list of services: each with the actions it promises and, if others may follow them, its events.
import type { ActionContract, EventSchemas } from "../lib/contract";
import { mail } from "./mail";
import { orderEvents, orders } from "./orders";
import { paymentEvents, payments } from "./payments";
import { productEvents } from "./product-events";
import { products } from "./products";
import { userEvents, users } from "./users";

interface Promises {
  readonly actions: Readonly<Record<string, ActionContract>>;
  /** Its feed. */
  readonly events?: EventSchemas;
  /**
   * Whether nobody can be served without it: then the gateway is not ready while it is missing. Else it is ready and
   * says that it is degraded.
   */
  readonly needed: boolean;
}

export const services = {
  api: { actions: {}, needed: false },
  users: { actions: users, events: userEvents, needed: true },
  products: { actions: products, events: productEvents, needed: true },
  orders: { actions: orders, events: orderEvents, needed: true },
  payments: { actions: payments, events: paymentEvents, needed: true },
  mail: { actions: mail, needed: false },
} as const satisfies Readonly<Record<string, Promises>>;

export type ServiceName = keyof typeof services;
export const SERVICE_NAMES = Object.keys(services) as readonly ServiceName[];

type Contracts = { [S in ServiceName]: (typeof services)[S]["actions"] };
type ActionName = { [S in ServiceName]: `${S}.${keyof Contracts[S] & string}` }[ServiceName];
type ActionNamed<N extends string> = N extends `${infer S extends ServiceName}.${infer A}`
  ? A extends keyof Contracts[S]
    ? Contracts[S][A]
    : never
  : never;
type AllActions = { [N in ActionName]: ActionNamed<N> };
type AllFeeds = {
  [
    S in ServiceName as (typeof services)[S] extends { events: EventSchemas } ? S : never
  ]: (typeof services)[S] extends {
    events: infer E;
  }
    ? E
    : never;
};

declare module "../lib/contract" {
  interface Actions extends AllActions {}
  interface Feeds extends AllFeeds {}
}

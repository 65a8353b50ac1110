// The contracts by name, as values: what a route needs to know of the action that it leads to.
import type { TObject, TSchema } from "@sinclair/typebox";
import { KindGuard } from "@sinclair/typebox";
import type { Actions } from "../../../contracts/index";
import { orders } from "../../../contracts/orders";
import { products } from "../../../contracts/products";
import { users } from "../../../contracts/users";
import type { Access, ActionContract } from "../../../lib/contract";
import type { RefusalCode } from "../../../lib/refusal";

type Vocabulary = Pick<Actions, `${"users" | "products" | "orders"}.${string}` & keyof Actions>;

/** Actions that a route may lead to: everything but `internal`. */
export type RoutedAction = {
  [N in keyof Vocabulary]: Vocabulary[N]["access"] extends "internal" ? never : N;
}[keyof Vocabulary];

export interface Contract {
  access: Exclude<Access, "internal">;
  params: TObject;
  result: TSchema;
  refuses: readonly RefusalCode[];
}

const services: Readonly<Record<string, Readonly<Record<string, ActionContract>>>> = { users, products, orders };

/** @throws Error when there is no such action, or when it may not be called from outside */
export const contractOf = (action: string): Contract => {
  const [service = "", name = ""] = action.split(".");
  const contract = services[service]?.[name];
  if (!contract) throw new Error(`A route leads to ${action}, which no contract knows.`);
  const { access, params, result, refuses = [] } = contract;
  if (access === "internal") throw new Error(`A route leads to ${action}, which is internal.`);
  if (!KindGuard.IsObject(params)) throw new Error(`The params of ${action} are not an object.`);
  return { access, params, result, refuses };
};

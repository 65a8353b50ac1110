// The contracts by name, as values: what a route needs to know of the action that it leads to.
import type { TObject, TSchema } from "@sinclair/typebox";
import { KindGuard } from "@sinclair/typebox";
import { type ServiceName, services } from "../../../contracts/index";
import type { Access, ActionContract, Actions } from "../../../lib/contract";
import type { RefusalCode } from "../../../lib/refusal";

/** Actions that a route may lead to: everything but `internal`. */
export type RoutedAction = {
  [N in keyof Actions]: Actions[N]["access"] extends "internal" ? never : N;
}[keyof Actions];

export interface Contract {
  access: Exclude<Access, "internal">;
  params: TObject;
  result: TSchema;
  refuses: readonly RefusalCode[];
}

/** @throws Error when there is no such action, or when it may not be called from outside */
export const contractOf = (action: string): Contract => {
  const [service = "", name = ""] = action.split(".");
  const actions: Readonly<Record<string, ActionContract>> = services[service as ServiceName]?.actions ?? {};
  const contract = actions[name];
  if (!contract) throw new Error(`A route leads to ${action}, which no contract knows.`);
  const { access, params, result, refuses = [] } = contract;
  if (access === "internal") throw new Error(`A route leads to ${action}, which is internal.`);
  if (!KindGuard.IsObject(params)) throw new Error(`The params of ${action} are not an object.`);
  return { access, params, result, refuses };
};

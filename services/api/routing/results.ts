// What a route's answer shows, by the contract of its action: its data, and whether these have a version.
import type { TProperties, TSchema } from "@sinclair/typebox";
import { contractOf } from "./contracts";
import { schemaWithoutMark } from "./replay";
import type { ActionRoute } from "./route";

export const propertiesOf = (schema: TSchema): TProperties => (schema as { properties?: TProperties }).properties ?? {};

/** The schema of the action's result, as clients see it. */
export const resultSchema = ({ action }: ActionRoute): TSchema => schemaWithoutMark(contractOf(action).result);

/** The schema of the part of it that is the data. */
export const dataSchema = (route: ActionRoute): TSchema => {
  const result = resultSchema(route);
  return route.part === undefined ? result : (propertiesOf(result)[route.part] ?? result);
};

/** Whether its ETag is the version of what it shows, which If-Match then names. */
export const hasVersion = (route: ActionRoute): boolean => "version" in propertiesOf(dataSchema(route));

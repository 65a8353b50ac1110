// The OpenAPI document as a client gets it, for tests that look into it.
import { openApi } from "../../services/api/routing/openapi";
import { routes } from "../../services/api/routes";

export type Operation = {
  operationId: string;
  security: unknown[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, unknown>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
export const document = JSON.parse(JSON.stringify(openApi(routes))) as Document;

export const operations = Object.values(document.paths).flatMap(Object.values) as Operation[];

/** Every object inside a value, with the keys that lead to it. */
export const objectsIn = (
  value: unknown,
  trail: string[] = [],
): { trail: string[]; schema: Record<string, unknown> }[] => {
  if (typeof value !== "object" || value === null) return [];
  const schema = value as Record<string, unknown>;
  return [{ trail, schema }, ...Object.entries(schema).flatMap(([key, part]) => objectsIn(part, [...trail, key]))];
};

// The OpenAPI 3.1 document of exactly the routes in the table, made from the contracts that the services keep.
import { type TSchema, type TProperties, Type } from "@sinclair/typebox";
import { Money, RecordedEvent } from "../../contracts/common";
import { Order, ShippingAddress } from "../../contracts/orders";
import { Product } from "../../contracts/products";
import { type RefusalCode, refusals } from "../../contracts/refusals";
import { User } from "../../contracts/users";
import { choice, object } from "../../lib/contract";
import { sourcesOf } from "./params";
import type { ActionRoute, OwnRoute, Route } from "./route";
import { contractOf } from "./vocabulary";

type Json = Readonly<Record<string, unknown>>;

/** RFC 9457, with what this API adds to it. */
const Problem = Type.Object({
  type: Type.String({ format: "uri-reference" }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  instance: Type.String({ description: "The path of the request." }),
  code: choice(...Object.keys(refusals)),
  success: Type.Literal(false),
  error: Type.String({ description: "One sentence for a person, in the language of Accept-Language (en, ko)." }),
  errors: Type.Optional(Type.Array(object({ path: Type.String({ description: "JSON Pointer (RFC 6901)." }), message: Type.String() }))),
  missing: Type.Optional(Type.Array(Type.String())),
});

const schemas = { Product, Order, User, Money, ShippingAddress, RecordedEvent, Problem };
/** By their text: a schema that was made optional is another object and still the same schema. */
const names = new Map(Object.entries(schemas).map(([name, schema]) => [JSON.stringify(schema), name]));

const parts = (value: object): unknown => (Array.isArray(value) ? value.map(plain) : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])));

/** Plain JSON Schema, with references where a schema has a name. */
const plain = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  const name = names.get(JSON.stringify(value));
  return name ? { $ref: `#/components/schemas/${name}` } : parts(value);
};

const content = (schema: unknown, mediaType = "application/json"): Json => ({ content: { [mediaType]: { schema: plain(schema) } } });

const success = (properties: TProperties): TSchema => object({ success: Type.Literal(true), ...properties });

const bodySchema = ({ action, shape, part }: ActionRoute): TSchema | undefined => {
  const { result } = contractOf(action);
  const properties = (result as { properties?: TProperties }).properties ?? {};
  switch (shape) {
    case "data":
      return success({ data: part === undefined ? result : (properties[part] ?? result) });
    case "fields":
      return success(properties);
    case "bare":
      return result;
    case "nothing":
      return undefined;
    default:
      return shape satisfies never;
  }
};

const parameters = (where: "path" | "query", schema: TProperties, required: readonly string[]): Json[] =>
  Object.entries(schema).map(([name, property]) => ({ name, in: where, required: required.includes(name), schema: plain(property) }));

const inputOf = (route: ActionRoute): Json => {
  const { path, input, inputIs, header } = sourcesOf(route);
  const headers = route.header ? [{ name: route.header.name, in: "header", required: route.header.missing !== undefined, schema: plain(Object.values(header)[0]) }] : [];
  const query = inputIs === "query" ? parameters("query", input.properties, input.required ?? []) : [];
  const hasBody = inputIs === "body" && Object.keys(input.properties).length > 0;
  return {
    parameters: [...parameters("path", path, Object.keys(path)), ...query, ...headers],
    ...(hasBody ? { requestBody: { required: (input.required ?? []).length > 0, ...content(input) } } : {}),
  };
};

const problem = (description: string) => ({ description, ...content(Problem, "application/problem+json") });

/** What a route can refuse with beyond what its action does: one line per status that its kind brings along. */
const refusalsOf = (route: ActionRoute): Json => {
  const { access } = contractOf(route.action);
  const codes: RefusalCode[] = [
    ...(access === "anyone" ? [] : (["UNAUTHENTICATED"] as const)),
    ...(access === "admin" ? (["FORBIDDEN"] as const) : []),
    ...(route.path.includes(":") ? (["ROUTE_NOT_FOUND"] as const) : []),
    ...(route.header?.missing ? [route.header.missing] : []),
    ...(route.header?.etag ? (["PRECONDITION_FAILED"] as const) : []),
    "VALIDATION_FAILED",
    "SERVICE_UNAVAILABLE",
  ];
  return Object.fromEntries(codes.map(code => [refusals[code].status, problem(code === "ROUTE_NOT_FOUND" ? "There is no such thing." : refusals[code].en)]));
};

const operation = (route: ActionRoute): Json => {
  const { action, summary, settled, status } = route;
  const schema = bodySchema(route);
  const answer = { description: "Done.", ...(schema ? content(schema) : {}) };
  const done = schema ? (status ?? 200) : 204;
  const security = contractOf(action).access === "anyone" ? [] : [{ bearer: [] }];
  const responses = { [done]: answer, ...(settled ? { 202: { ...answer, description: "Accepted: look again at Location." } } : {}), ...refusalsOf(route), default: problem("Any other refusal.") };
  return { operationId: action, tags: [action.split(".")[0]], summary, security, ...inputOf(route), responses };
};

const ownOperation = ({ own, summary }: OwnRoute): Json => ({
  operationId: own,
  tags: ["operations"],
  summary,
  security: [],
  responses: { 200: { description: "Yes.", ...content({ type: "object" }) }, ...(own === "ready" ? { 503: problem("Something is missing: `missing` says what.") } : {}) },
});

/** `/api/products/:id` as OpenAPI writes it. */
export const template = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

export const openApi = (routes: readonly Route[]): Json => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const methods = (paths[template(route.path)] ??= {});
    methods[route.method.toLowerCase()] = "own" in route ? ownOperation(route) : operation(route);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Jangteo", version: "1", summary: "The public API of a shop." },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, parts(schema)])),
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
};

// The OpenAPI 3.1 document of exactly the routes in the table, made from the contracts that the services keep.
import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { object } from "../../../lib/contract";
import { headers, headersOf, ifAny } from "./openapi-headers";
import { problemAnswers, problemSchemas } from "./openapi-problems";
import { input, type Json, output, schemasFor } from "./openapi-schemas";
import { sourcesOf } from "./params";
import { codesOf, NOWHERE } from "./refusals";
import { isReplayable } from "./replay";
import { dataSchema, hasVersion, propertiesOf, resultSchema } from "./results";
import type { ActionRoute, OwnRoute, Route } from "./route";
import { contractOf } from "./contracts";

const DESCRIPTION = `Success is \`{ "success": true, … }\`; a refusal is a problem (RFC 9457) with a stable \`code\`.
Fields and codes may be added to answers at any time: ignore what you do not know. Unknown fields of a request are
refused (422).

What holds for every path, and is not repeated at each:
- HEAD answers wherever GET does, with the same status and headers. OPTIONS answers 204 with \`Allow\`.
- An unknown path is 404 \`ROUTE_NOT_FOUND\`; a method that a path does not have is 405 \`METHOD_NOT_ALLOWED\` with
  \`Allow\`; one that HTTP does not know is 501 \`METHOD_NOT_IMPLEMENTED\`.
- \`X-Request-ID\` of a request is repeated in its answer if it is fit for that; else the answer has one of its own.
- \`Accept-Language\` (\`en\`, \`ko\`) chooses the language of a refusal's sentence.`;

const IF_NONE_MATCH: Json = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "ETags that the client has: if one of them is current, the answer is 304 and has no body.",
  schema: { type: "string" },
};

const json = (schema: unknown): Json => ({ content: { "application/json": { schema } } });

const success = (properties: TProperties): TSchema => object({ success: Type.Literal(true), ...properties });

const bodySchema = (route: ActionRoute): TSchema | undefined => {
  const data = dataSchema(route);
  switch (route.shape) {
    case "data":
      return success({ data });
    case "fields":
      return success(propertiesOf(resultSchema(route)));
    case "bare":
      return data;
    case "nothing":
      return undefined;
    default:
      return route.shape satisfies never;
  }
};

const parameters = (where: "path" | "query" | "header", schema: TProperties, required: readonly string[]): Json[] =>
  Object.entries(schema).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: input(property),
  }));

const inputOf = (route: ActionRoute): Json => {
  const { path, input: values, inputIs, header: inHeader } = sourcesOf(route);
  const { headers: named = [] } = route;
  const inHeaders = parameters(
    "header",
    inHeader,
    named.flatMap(({ name, missing }) => (missing ? [name] : [])),
  );
  const query = inputIs === "query" ? parameters("query", values.properties, values.required ?? []) : [];
  const hasBody = inputIs === "body" && Object.keys(values.properties).length > 0;
  return {
    parameters: [
      ...parameters("path", path, Object.keys(path)),
      ...query,
      ...inHeaders,
      ...(route.method === "GET" ? [IF_NONE_MATCH] : []),
    ],
    ...(hasBody ? { requestBody: { required: (values.required ?? []).length > 0, ...json(input(values)) } } : {}),
  };
};

const NOT_MODIFIED: Json = { 304: { description: "The client has it already.", headers: headersOf("ETag") } };

/** A repeat of a request with the same key gets the first one's answer, and is told so. */
const repeatable = ({ action }: ActionRoute): Json =>
  isReplayable(contractOf(action).result) ? ifAny("Idempotent-Replayed") : {};

const answersOf = (route: ActionRoute): Json => {
  const { method, status = 200, final, location } = route;
  const schema = bodySchema(route);
  if (!schema) return { 204: { description: "Done.", headers: { ...headersOf(), ...repeatable(route) } } };
  const named = {
    ...headersOf(
      ...(hasVersion(route) || method === "GET" ? ["ETag"] : []),
      ...(location === undefined ? [] : ["Location"]),
    ),
    ...repeatable(route),
  };
  const content = json(output(schema));
  const accepted = {
    description: "Accepted: look again at Location.",
    headers: { ...named, ...ifAny("Retry-After") },
    ...content,
  };
  return {
    [status]: { description: "Done.", headers: named, ...content },
    ...(final ? { 202: accepted } : {}),
    ...(method === "GET" ? NOT_MODIFIED : {}),
  };
};

const securityOf = ({ action }: ActionRoute): Json[] => {
  const { access } = contractOf(action);
  return access === "anyone" ? [] : [{ bearer: access === "admin" ? ["admin"] : [] }];
};

const operation = (route: ActionRoute): Json => {
  const { action, summary } = route;
  return {
    operationId: action,
    tags: [action.split(".")[0]],
    summary,
    security: securityOf(route),
    ...inputOf(route),
    responses: { ...answersOf(route), ...problemAnswers(codesOf(route), route.location?.ofRefused) },
  };
};

const health = (word: string, facts: TProperties = {}): Json => {
  const schema = success({ status: Type.Literal(word), ...facts });
  return { 200: { description: "Yes.", headers: headersOf(), ...json(output(schema)) } };
};

const DEGRADED = Type.Array(Type.String(), {
  description: "What does not answer, and customers do without. Absent when everything does.",
});

const OWN: Readonly<Record<OwnRoute["own"], Json>> = {
  live: { responses: health("live") },
  ready: { responses: health("ready", { degraded: Type.Optional(DEGRADED) }) },
  openapi: {
    parameters: [IF_NONE_MATCH],
    responses: {
      200: { description: "OpenAPI 3.1.", headers: headersOf("ETag"), ...json({ type: "object" }) },
      ...NOT_MODIFIED,
    },
  },
};

const ownOperation = (route: OwnRoute): Json => {
  const { responses, ...rest } = OWN[route.own];
  return {
    operationId: route.own,
    tags: ["operations"],
    summary: route.summary,
    security: [],
    ...rest,
    responses: { ...(responses as Json), ...problemAnswers(codesOf(route)) },
  };
};

/** `/api/products/:id` as OpenAPI writes it. */
export const template = (path: string): string => path.replaceAll(/:(\w+)/g, "{$1}");

export const openApi = (routes: readonly Route[]): Json => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const methods = (paths[template(route.path)] ??= {});
    methods[route.method.toLowerCase()] = "own" in route ? ownOperation(route) : operation(route);
  }
  const problems = problemSchemas(new Set([...routes.flatMap(codesOf), ...NOWHERE]));
  return {
    openapi: "3.1.0",
    info: { title: "Jangteo", version: "1", summary: "The public API of a shop.", description: DESCRIPTION },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { ...schemasFor([paths, problems]), ...problems },
      headers,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
};

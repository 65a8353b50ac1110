// The OpenAPI document says what the routes do, in a way that clients' generators can read.
import Ajv from "ajv";
import { orders } from "../../contracts/orders";
import { products } from "../../contracts/products";
import { users } from "../../contracts/users";
import type { ActionContract } from "../../lib/contract";
import { contractOf } from "../../services/api/routing/contracts";
import { template } from "../../services/api/routing/openapi";
import { isReplayable } from "../../services/api/routing/replay";
import { routes } from "../../services/api/routes";
import { document, objectsIn, type Operation, operations } from "../helpers/openapi-document";

const actionRoutes = routes.flatMap(route => ("action" in route ? [route] : []));

const closed = (value: unknown) =>
  objectsIn(value).filter(({ schema }) => schema.additionalProperties === false).length;

test("OpenAPI says who may call, what goes in, and which header is needed", () => {
  const place = document.paths["/api/orders"]?.post;
  expect(place?.security).toEqual([{ bearer: [] }]);
  expect(place?.parameters).toEqual([
    expect.objectContaining({ name: "Idempotency-Key", in: "header", required: true }),
  ]);
  expect(Object.keys(place?.requestBody?.content["application/json"]?.schema.properties as object)).toEqual([
    "items",
    "shippingAddress",
    "payment",
  ]);
  expect(Object.keys(place?.responses ?? {})).toEqual(
    expect.arrayContaining(["201", "202", "400", "401", "422", "503"]),
  );
  const list = document.paths["/api/products"]?.get;
  expect(list?.security).toEqual([]);
  expect(list?.parameters?.map(({ name, in: where }) => `${where} ${name}`)).toEqual(
    expect.arrayContaining(["query page", "query limit", "query category"]),
  );
  expect(document.paths["/api/products/{id}"]?.delete?.responses).toHaveProperty("204");
});

test("what takes an idempotency key tells repeats apart, by a header of the same body", () => {
  for (const { action, path, method } of actionRoutes) {
    const { params, result } = contractOf(action);
    expect([action, isReplayable(result)]).toEqual([action, "idempotencyKey" in params.properties]);
    const { responses } = document.paths[template(path)]?.[method.toLowerCase()] ?? { responses: {} };
    const success = JSON.stringify(Object.entries(responses).filter(([status]) => status.startsWith("2")));
    expect([action, success.includes("Idempotent-Replayed")]).toEqual([action, isReplayable(result)]);
  }
  expect(JSON.stringify(document)).not.toContain('"replayed"');
});

describe("what has a version", () => {
  const has = (operation: Operation, header: string) =>
    operation.parameters?.some(({ name, in: where }) => where === "header" && name === header) ?? false;
  const answerOf = ({ responses }: Operation, status: string) =>
    responses[status] as { headers: Record<string, unknown> } | undefined;
  const showsOne = (answer: string) => /schemas\/(Product|Order|User)"/.test(answer) && !answer.includes('"items"');
  const resources = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get && showsOne(JSON.stringify(get.responses["200"])) ? [path] : [],
  );
  const changes = Object.entries(document.paths)
    .filter(([path]) => resources.some(resource => path === resource || path.startsWith(`${resource}/`)))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, line: `${method} ${path}`, operation })),
    )
    .filter(({ method }) => method !== "get");

  test("is changed with If-Match, by every method and command there is", () => {
    expect(changes.map(({ line }) => line).sort()).toEqual([
      "delete /api/products/{id}",
      "patch /api/products/{id}",
      "patch /api/users/profile",
      "patch /api/users/{id}",
      "post /api/orders/{id}/cancel",
      "post /api/orders/{id}/deliver",
      "post /api/orders/{id}/refund",
      "post /api/orders/{id}/ship",
      "post /api/products/{id}/stock",
    ]);
    for (const { line, operation } of changes)
      expect([line, has(operation, "If-Match"), "412" in operation.responses, "422" in operation.responses]).toEqual([
        line,
        true,
        true,
        true,
      ]);
    for (const { line, operation } of changes)
      if (!line.startsWith("delete")) expect(answerOf(operation, "200")?.headers).toHaveProperty("ETag");
  });

  test("by no action that is repeated when its answer got lost: the repeat would be refused", () => {
    const actions = [users, products, orders].flatMap(contract => Object.entries<ActionContract>(contract));
    const conditional = actions.filter(
      ([, { params }]) => "properties" in params && "ifVersion" in (params.properties as object),
    );
    expect(conditional.length).toBeGreaterThan(8);
    expect(conditional.filter(([, { idempotent }]) => idempotent).map(([name]) => name)).toEqual([]);
  });

  test("and nothing says 412 that takes no If-Match, or takes it and never says 412", () => {
    for (const operation of Object.values(document.paths).flatMap(Object.values) as Operation[]) {
      expect([operation.operationId, "412" in operation.responses]).toEqual([
        operation.operationId,
        has(operation, "If-Match"),
      ]);
    }
  });
});

test("each list takes the cursor that its pages answer, and says how deep pages by number go", () => {
  for (const path of ["/api/products", "/api/orders", "/api/users"]) {
    const { parameters = [], responses } = (document.paths[path] as Record<string, Operation>).get as Operation;
    expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(["page", "limit", "cursor"]));
    expect(JSON.stringify(parameters.find(({ name }) => name === "page"))).toContain("at most 10000");
    expect(JSON.stringify(responses["200"]).includes('"nextCursor":{')).toBe(true);
  }
});

test("what is sent is closed, what is answered is open", () => {
  for (const { operationId, responses, requestBody } of operations) {
    expect([operationId, closed(responses)]).toEqual([operationId, 0]);
    if (requestBody)
      expect([operationId, requestBody.content["application/json"]?.schema.additionalProperties]).toEqual([
        operationId,
        false,
      ]);
  }
  for (const [name, schema] of Object.entries(document.components.schemas))
    expect([name, closed(schema) > 0]).toEqual([name, name.endsWith("Input")]);
});

test("nothing is written in a way that clients' generators lose", () => {
  const all = objectsIn(document);
  expect(all.filter(({ schema }) => "patternProperties" in schema)).toEqual([]);
  const amounts = all.filter(({ trail }) => trail.slice(-2).join() === "properties,amount");
  expect(amounts.length).toBeGreaterThan(0);
  for (const { schema } of amounts) expect(schema).toMatchObject({ type: "integer", format: "int64" });
  const { attributes } = (
    document.components.schemas.Product as { properties: Record<string, Record<string, unknown>> }
  ).properties;
  expect(attributes).toMatchObject({
    propertyNames: { pattern: expect.any(String) },
    additionalProperties: { anyOf: expect.any(Array) },
  });
});

test("every status stands by its number: there is no 'any other'", () => {
  for (const { operationId, responses } of operations) {
    expect([operationId, Object.keys(responses).filter(status => !/^[2-5]\d\d$/.test(status))]).toEqual([
      operationId,
      [],
    ]);
    expect([operationId, Object.keys(responses)]).toEqual([
      operationId,
      expect.arrayContaining(["400", "406", "408", "414", "431", "500"]),
    ]);
  }
});

test("every schema in the document is valid JSON Schema, and every reference leads somewhere", () => {
  const ajv = new Ajv({ strict: false });
  for (const [name, schema] of Object.entries(document.components.schemas))
    ajv.addSchema(schema as object, `#/components/schemas/${name}`);
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  // They answer addresses and methods that the document does not have.
  expect(Object.keys(document.components.schemas).filter(name => !used.has(name))).toEqual([
    "RouteNotFound",
    "MethodNotAllowed",
    "MethodNotImplemented",
  ]);
  for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(document.components.schemas).toHaveProperty(name);
  for (const schema of Object.values(document.components.schemas))
    expect(ajv.validateSchema(schema as object)).toBe(true);
});

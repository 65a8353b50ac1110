// Holds an answer against the OpenAPI document: what the document does not name must not be answered.
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { openApi } from "../../services/api/routing/openapi";
import { routes } from "../../services/api/routes";

interface Named {
  headers?: Record<string, { $ref: string } | Header>;
  content?: Record<string, { schema: object }>;
}
interface Operation {
  operationId: string;
  responses: Record<string, Named>;
}
interface Header {
  required: boolean;
  schema: object;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; headers: Record<string, Header> };
}

export interface Exchange {
  method: string;
  /** With or without a query. */
  path: string;
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as received. */
  text: string;
}

/** Headers that mean something to a client of this API: where they come, the document says so. */
const TELLING = [
  "etag",
  "location",
  "retry-after",
  "www-authenticate",
  "allow",
  "content-language",
  "idempotent-replayed",
  "link",
  "set-cookie",
];

const document = JSON.parse(JSON.stringify(openApi(routes))) as Document;
const ajv = addFormats(new Ajv({ strict: false, allErrors: true, formats: { password: true } }));
ajv.addSchema({ $id: "document", ...document });

const compiled = new Map<object, ValidateFunction>();
/** The document's own references, made absolute. */
const compile = (schema: object): ValidateFunction => {
  const known =
    compiled.get(schema) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object);
  compiled.set(schema, known);
  return known;
};

const templates = Object.entries(document.paths)
  .map(([path, methods]) => ({
    methods,
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    fixed: !path.includes("{"),
  }))
  .sort((a, b) => Number(b.fixed) - Number(a.fixed));

const problemsOfBody = (named: Named, { headers, text, method }: Exchange): string[] => {
  if (method === "HEAD" || !named.content) return text === "" ? [] : ["has a body"];
  const type = String(headers["content-type"]).split(";")[0] ?? "";
  const schema = named.content[type]?.schema;
  if (!schema) return [`has the content type ${type}, which is none of ${Object.keys(named.content).join(", ")}`];
  const validate = compile(schema);
  return validate(JSON.parse(text))
    ? []
    : (validate.errors ?? []).map(error => `${error.instancePath || "the body"} ${error.message}`);
};

const isNumber = (schema: object): boolean => "type" in schema && schema.type === "integer";

const problemsOfHeader = (name: string, { required, schema }: Header, text: string | undefined): string[] => {
  if (text === undefined) return required ? [`lacks ${name}`] : [];
  const value = isNumber(schema) && /^\d+$/.test(text) ? Number(text) : text;
  return compile(schema)(value) ? [] : [`has ${name}: ${text}`];
};

const problemsOfHeaders = ({ headers: named = {} }: Named, { headers }: Exchange): string[] => {
  const known = Object.keys(named).map(name => name.toLowerCase());
  const undocumented = TELLING.filter(name => headers[name] !== undefined && !known.includes(name)).map(
    name => `carries ${name}, which is not named`,
  );
  const wrong = Object.entries(named).flatMap(([name, reference]) => {
    const header = "$ref" in reference ? document.components.headers[name] : reference;
    return header
      ? problemsOfHeader(name.toLowerCase(), header, headers[name.toLowerCase()]?.toString())
      : [`should have ${name}, which the document does not explain`];
  });
  return [...undocumented, ...wrong];
};

const elsewhere = ({ status, headers, text, method }: Exchange, expected: number, code: string): string[] => {
  if (status !== expected) return [`answers ${status} where only ${expected} is possible`];
  const body = method === "HEAD" ? undefined : (JSON.parse(text) as { code: string });
  return [
    ...(body && body.code !== code ? [`has the code ${body.code}`] : []),
    ...(status === 405 && !headers.allow ? ["lacks allow"] : []),
  ];
};

/** In what an answer differs from the document, in words; an empty list when it does not. */
export const differences = (exchange: Exchange): string[] => {
  const { method, path, status } = exchange;
  if (method === "OPTIONS") return [];
  const [bare = ""] = path.split("?", 1);
  const found = templates.find(({ pattern }) => pattern.test(bare));
  // What cannot be read is refused before anybody looks for the route.
  if (!found) return [400, 414, 431].includes(status) ? [] : elsewhere(exchange, 404, "ROUTE_NOT_FOUND");
  const operation = found.methods[method === "HEAD" ? "get" : method.toLowerCase()];
  if (!operation) return elsewhere(exchange, 405, "METHOD_NOT_ALLOWED");
  const named = operation.responses[status];
  if (!named)
    return [
      `${operation.operationId} answers ${status}, which is none of ` +
        `${Object.keys(operation.responses).join(", ")}: ${exchange.text.slice(0, 300)}`,
    ];
  return [...problemsOfBody(named, exchange), ...problemsOfHeaders(named, exchange)].map(
    problem => `${operation.operationId}, ${status}: ${problem}`,
  );
};

/** @throws Error when the document does not name the answer */
export const assertConforms = (exchange: Exchange): void => {
  const found = differences(exchange);
  if (found.length > 0)
    throw new Error(
      `${exchange.method} ${exchange.path} is answered otherwise than /openapi.json says: ${found.join("; ")}`,
    );
};

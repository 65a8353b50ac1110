// How a request becomes the params of an action: path, query or body, and named headers; whatever does not fit is
// refused.
import type { IncomingMessage } from "node:http";
import { type TObject, type TProperties, Type } from "@sinclair/typebox";
import { object } from "../../../lib/contract";
import { type FieldError, Refusal } from "../../../lib/refusal";
import { compileCheck } from "../../../lib/validate";
import { readJson } from "../http/body";
import { readQuery } from "./query";
import type { ActionRoute, NamedHeader } from "./route";
import { contractOf } from "./contracts";

/** The params of a route's action by where they come from; in `header`, what each header carries, by its name. */
export interface Sources {
  path: TProperties;
  header: TProperties;
  /** The query of a GET or DELETE, the body of all others. */
  input: TObject;
  inputIs: "query" | "body";
}

const pick = (properties: TProperties, names: readonly string[]): TProperties =>
  Object.fromEntries(
    names.map(name => {
      const schema = properties[name];
      if (!schema) throw new Error(`No action takes ${name}.`);
      return [name, schema];
    }),
  );

/** @throws Error when the path or a header names a param that the action does not take */
export const sourcesOf = ({ action, path, headers = [], method }: ActionRoute): Sources => {
  const { properties } = contractOf(action).params;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const inHeader = headers.map(({ param }) => param);
  const its = pick(properties, inHeader);
  const carried = headers.map(({ name, param, form }) => [name, form?.schema ?? its[param] ?? Type.Never()] as const);
  const others = Object.keys(properties).filter(name => ![...inPath, ...inHeader].includes(name));
  return {
    path: pick(properties, inPath),
    header: Object.fromEntries(carried),
    input: object(pick(properties, others)),
    inputIs: method === "GET" || method === "DELETE" ? "query" : "body",
  };
};

const invalid = (errors: readonly FieldError[]) => new Refusal("VALIDATION_FAILED", { errors });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Builds the params of one request; `values` are the decoded path params, `url` is as received. */
export type ReadParams = (
  req: IncomingMessage,
  url: string,
  values: Readonly<Record<string, string>>,
) => Promise<Record<string, unknown>>;

const checkNoQuery = compileCheck(object({}));

/** @throws Refusal VALIDATION_FAILED naming each parameter, where there is none to be given */
export const refuseQuery = (url: string): void => {
  const errors = checkNoQuery(readQuery(url, {}));
  if (errors.length > 0) throw invalid(errors);
};

/** Compiles a route's reader. Its params are what the action's own validation accepts. */
export const paramsReader = (route: ActionRoute): ReadParams => {
  const { path, header, input, inputIs } = sourcesOf(route);
  const checkPath = compileCheck(Type.Object(path));
  const checkHeader = compileCheck(Type.Partial(Type.Object(header)));
  const check = compileCheck(input);
  // A path param of another form than ids have names nothing either.
  const { headers = [], notFound = "ROUTE_NOT_FOUND" } = route;

  const readHeaders = (req: IncomingMessage): Record<string, unknown> => {
    const texts: Record<string, string> = {};
    for (const { name, missing: code } of headers) {
      const text = req.headers[name.toLowerCase()];
      if (typeof text === "string") texts[name] = text;
      else if (code) throw new Refusal(code);
    }
    const errors = checkHeader(texts);
    if (errors.length > 0)
      throw invalid(
        errors.map(error => {
          const code = headers.find(({ name }) => error.path === `/${name}`)?.form?.mistake;
          return code ? { path: error.path, code } : error;
        }),
      );
    const paramOf = ({ name, param, form }: NamedHeader) =>
      [param, form ? form.read(texts[name] ?? "") : texts[name]] as const;
    return Object.fromEntries(headers.filter(({ name }) => name in texts).map(paramOf));
  };

  return async (req, url, values) => {
    if (checkPath(values).length > 0) throw new Refusal(notFound);
    const fromHeader = readHeaders(req);
    const query = readQuery(url, input.properties);
    const value = inputIs === "query" ? query : await readJson(req);
    if (!isObject(value)) throw invalid([{ path: "", code: "BODY_NOT_OBJECT" }]);
    const errors = [...check(value), ...(inputIs === "body" ? checkNoQuery(query) : [])];
    if (errors.length > 0) throw invalid(errors);
    return { ...value, ...values, ...fromHeader };
  };
};

// What a row of the route table may say.
import type { TString } from "@sinclair/typebox";
import type { Actions, ResultOf } from "../../../lib/contract";
import type { PlainCode, PlainFieldErrorCode } from "../../../lib/refusal";
import type { RoutedAction } from "./vocabulary";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** What a header carries, where that is not the param itself. */
export interface HeaderForm {
  schema: TString;
  /** What is told when it is of another form. */
  mistake: PlainFieldErrorCode;
  /** The param that a text of this form is. */
  read(text: string): unknown;
}

/** A header that becomes a param of the action; without it the request is refused with `missing`, if that is said. */
export interface NamedHeader {
  name: string;
  param: string;
  missing?: PlainCode;
  /** Default: the header carries the param as it is. */
  form?: HeaderForm;
}

/**
 * How a result becomes a body: `data` → `{ success, data: result }`, `fields` → `{ success, …result }`,
 * `bare` → the result itself, `nothing` → 204.
 */
export type Shape = "data" | "fields" | "bare" | "nothing";

interface Options<R> {
  /** Default: 204 for `nothing`, else 200. */
  status?: number;
  /** Default: `data`. */
  shape?: Shape;
  /** The part of the result that is the data, or (`fields`) whose version is the ETag. Default: all of it. */
  part?: keyof R & string;
  /** The result's field that says whether it is final: while it is not, the status is 202. */
  settled?: keyof R & string;
  /** Where the created resource is: this path and its id. */
  location?: string;
  headers?: readonly NamedHeader[];
  /** Answered from the edge cache, until the product of the path changes or (a list) any product. */
  cached?: "product" | "list";
  /** What the action changes: seen by this gateway before the answer goes out. */
  changes?: "catalogue" | "sessions";
  /** Default: `no-cache` for cached routes, `no-store` for all others. */
  cacheControl?: string;
}

interface Row {
  method: Method;
  /** As moleculer-web writes it: `/api/products/:id`. */
  path: string;
  /** One sentence for readers of the OpenAPI document. */
  summary: string;
}

/** A route that calls an action of a service. */
export interface ActionRoute extends Row, Options<Record<string, unknown>> {
  action: RoutedAction;
  shape: Shape;
}

/** A route that the gateway answers by itself. */
export interface OwnRoute extends Row {
  own: "live" | "ready" | "openapi";
}

export type Route = ActionRoute | OwnRoute;

/** `to("POST /api/orders", "orders.place", …)`: a row whose options must fit the action's result. */
export const to = <N extends RoutedAction>(
  where: `${Method} /${string}`,
  action: N,
  summary: string,
  options: Options<ResultOf<Actions[N]>> = {},
): ActionRoute => {
  const [method, path] = where.split(" ") as [Method, string];
  return { method, path, summary, action, shape: "data", ...options };
};

export const own = (path: string, name: OwnRoute["own"], summary: string): OwnRoute => ({
  method: "GET",
  path,
  summary,
  own: name,
});

// What a row of the route table may say: everything that the gateway knows of a route stands on it, and what it says of
// params, result and refusals fits the action's contract, or does not compile.
import type { TString } from "@sinclair/typebox";
import type { NotFoundCode } from "../../../contracts/refusals";
import type { Actions, ParamsOf, RefusalsOf, ResultOf } from "../../../lib/contract";
import type { PlainCode, PlainFieldErrorCode, RefusalCode, RefusalCodes } from "../../../lib/refusal";
import type { RoutedAction } from "./contracts";

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
export interface NamedHeader<K extends string = string> {
  name: string;
  param: K;
  missing?: PlainCode;
  /** Default: the header carries the param as it is. */
  form?: HeaderForm;
}

/**
 * How a result becomes a body: `data` → `{ success, data: result }`, `fields` → `{ success, …result }`,
 * `bare` → the result itself, `nothing` → 204.
 */
export type Shape = "data" | "fields" | "bare" | "nothing";

/** The keys of T that hold a V; any text where T may have any keys. */
type KeysOf<T, V> = string extends keyof T
  ? string
  : { [K in keyof T & string]: T[K] extends V ? K : never }[keyof T & string];

type TextFactsOf<C extends RefusalCode> = {
  [F in Exclude<C, PlainCode>]: KeysOf<RefusalCodes[F], string>;
}[Exclude<C, PlainCode>];

/** Where the resource is that an action made. */
interface Location<R, C extends RefusalCode> {
  /** Its path, but for its id. */
  under: string;
  id(result: R): string;
  /** The fact of a refusal that names what was made and kept all the same. */
  ofRefused?: TextFactsOf<C>;
}

/** The ids of the products whose answers an action makes untrue: told by what was asked, or by what came back. */
interface Touched<P, R> {
  asked?(params: P): readonly string[];
  answered?(result: R): readonly string[];
}

interface Options<P, R, C extends RefusalCode> {
  /** Default: 204 for `nothing`, else 200. */
  status?: number;
  /** Default: `data`. */
  shape?: Shape;
  /** The part of the result that is the data, or (`fields`) whose version is the ETag. Default: all of it. */
  part?: keyof R & string;
  /** The result's field that says whether it is final: while it is not, the status is 202. */
  final?: KeysOf<R, boolean>;
  location?: Location<R, C>;
  headers?: readonly NamedHeader<keyof P & string>[];
  /** Answered from the edge cache, until any product changes, or the one that a param of the path names. */
  cached?: "list" | { product: keyof P & string };
  /** Forgotten by this gateway before the answer goes out; and when a refusal has kept what was made. */
  touches?: Touched<P, R>;
  /** Sessions may have ended: this gateway hears of them before the answer goes out. */
  endsSessions?: true;
  /** Default: `no-cache` for cached routes, `no-store` for all others. */
  cacheControl?: string;
}

/** What an id in the path means that nothing has, or that none could have: as the action itself would say it. */
interface WithId<C extends RefusalCode> {
  notFound: C & NotFoundCode;
}

type OptionsFor<W extends string, P, R, C extends RefusalCode> = W extends `${string}:${string}`
  ? [options: Options<P, R, C> & WithId<C>]
  : [options?: Options<P, R, C>];

interface Row {
  method: Method;
  /** As moleculer-web writes it: `/api/products/:id`. */
  path: string;
  /** One sentence for readers of the OpenAPI document. */
  summary: string;
}

type Values = Record<string, unknown>;

/** A route that calls an action of a service. */
export interface ActionRoute extends Row, Options<Values, Values, RefusalCode>, Partial<WithId<RefusalCode>> {
  action: RoutedAction;
  shape: Shape;
}

/** A route that the gateway answers by itself. */
export interface OwnRoute extends Row {
  own: "live" | "ready" | "openapi";
  /** What it can refuse with, beyond what any request can meet. */
  refuses: readonly RefusalCode[];
}

export type Route = ActionRoute | OwnRoute;

/** `to("POST /api/orders", "orders.place", …)`: a row whose options must fit the action's contract. */
export const to = <N extends RoutedAction, W extends `${Method} /${string}`>(
  where: W,
  action: N,
  summary: string,
  ...[options]: OptionsFor<W, ParamsOf<Actions[N]>, ResultOf<Actions[N]>, RefusalsOf<Actions[N]>>
): ActionRoute => {
  const [method, path] = where.split(" ") as [Method, string];
  // Here the types of the action are left behind: they were checked where the row was written.
  return { method, path, summary, action, shape: "data", ...(options as Partial<ActionRoute> | undefined) };
};

export const own = (
  path: string,
  name: OwnRoute["own"],
  summary: string,
  refuses: readonly RefusalCode[] = [],
): OwnRoute => ({ method: "GET", path, summary, own: name, refuses });

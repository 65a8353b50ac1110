// A request's way from its route to an answer: who calls, with what, and what comes back.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../../lib/refusal";
import type { Locale } from "../../contracts/common";
import type { AccessTokens } from "../../lib/access/access-tokens";
import type { Logger } from "../../lib/logger";
import { toCallingOptions } from "../../lib/moleculer/bus";
import { type Answer, noContent, send } from "./http/response";
import { corsOf, preflight } from "./http/cors";
import type { EdgeCache } from "./cache/edge-cache";
import { SECURITY } from "./http/front";
import type { WebRequest, WebResponse } from "./moleculer-web";
import { acceptsJson, localeOf } from "./http/negotiate";
import { paramsReader, refuseQuery } from "./routing/params";
import { Patience, type Waking } from "./patience";
import { present } from "./routing/present";
import { isRecord, problemAnswer, statusOf, toProblem } from "./http/problem";
import { isReplayable } from "./routing/replay";
import type { ActionRoute, OwnRoute, Route } from "./routing/route";
import { contractOf } from "./routing/vocabulary";

export interface Parts {
  access: AccessTokens;
  /** Milliseconds that a request may take. */
  timeoutMs: number;
  corsOrigins: readonly string[];
  defaultLocale: Locale;
  cache: EdgeCache;
  waking: Waking;
  /** What the gateway answers by itself. */
  own: Readonly<Record<OwnRoute["own"], (req: WebRequest) => Promise<Answer>>>;
  logger(): Logger;
}

type Respond = (req: WebRequest, res: WebResponse) => Promise<Answer>;

/** RFC 6750, section 2.1. */
const bearer = (req: WebRequest): string | undefined =>
  /^Bearer +([\w.~+/-]+=*)$/i.exec(req.headers.authorization ?? "")?.[1];

const urlOf = (req: WebRequest) => req.originalUrl ?? req.url ?? "/";
const pathOf = (req: WebRequest) => urlOf(req).split("?", 1)[0] ?? "/";

/** The products that a result is about: those of an order's lines, or the one that it names in the path. */
const productsOf = (result: unknown, id: string | undefined): string[] => {
  const order = isRecord(result) && isRecord(result.order) ? result.order : result;
  const items = isRecord(order) && Array.isArray(order.items) ? order.items : [];
  const lines = items.flatMap((item: unknown) =>
    isRecord(item) && typeof item.productId === "string" ? [item.productId] : [],
  );
  return lines.length > 0 ? lines : [id ?? ""];
};

const actionResponder = (route: ActionRoute, parts: Parts): Respond => {
  const { cache, access: tokens, timeoutMs, waking } = parts;
  const { action, cached, changes } = route;
  const { access } = contractOf(action);
  if (cached && access !== "anyone") throw new Error(`${action} is not for everybody: its answers cannot be cached.`);
  const read = paramsReader(route);
  const isOnce = isReplayable(contractOf(action).result);

  const respond: Respond = async (req, res) => {
    const patience = new Patience(res, timeoutMs);
    const token = access === "anyone" ? undefined : bearer(req);
    if (access !== "anyone") await patience.within(tokens.recognise(access, token));
    const params = await read(req, urlOf(req), req.$params.params);
    if (route.method !== "GET") await waking.settle();
    try {
      // Others may wait for a cached answer, when the first who asked has gone.
      const signal = cached ? {} : { signal: patience.client };
      const result = await req.$ctx.call(
        action,
        params,
        toCallingOptions({ token, ...signal, ...(isOnce ? { attempt: randomUUID() } : {}) }),
      );
      // Before the answer goes out: its reader must not see what was there before.
      if (changes === "catalogue") for (const id of productsOf(result, req.$params.params.id)) cache.drop(id);
      // What is done is done: it is not refused because others have not heard of it yet.
      if (changes === "sessions") await patience.within(tokens.look()).catch(() => undefined);
      return present(route, result);
    } catch (error) {
      const problem = toProblem(error);
      // Not known whether the change was made. A refusal has changed nothing, but for a rejected order, which held
      // pieces for a while.
      if (changes === "catalogue" && statusOf(problem) >= 500) cache.clear();
      else if (problem.facts.orderId !== undefined) for (const id of productsOf(params, undefined)) cache.drop(id);
      throw error;
    }
  };
  return cached
    ? (req, res) =>
        cache.answer(urlOf(req), cached === "product" ? req.$params.params.id : undefined, () => respond(req, res))
    : respond;
};

const ownResponder =
  (answer: (req: WebRequest) => Promise<Answer>): Respond =>
  async req => {
    refuseQuery(urlOf(req));
    return answer(req);
  };

export interface Pipeline {
  /** Answers a request at a known path with the routes that this path has. */
  at(routes: readonly Route[]): (req: WebRequest, res: WebResponse) => Promise<void>;
  /** Answers a request that failed. */
  fail(req: WebRequest, res: WebResponse, error: unknown): void;
  /** Sends an answer with the headers that every answer has. */
  reply(req: IncomingMessage, res: ServerResponse, answer: Answer, requestId: string): void;
}

export const createPipeline = (parts: Parts): Pipeline => {
  const { own, corsOrigins, defaultLocale, logger } = parts;
  const cors = corsOf(corsOrigins);

  const reply: Pipeline["reply"] = (req, res, answer, requestId) =>
    send(req, res, answer, ["X-Request-ID", requestId, ...SECURITY, ...cors(req.headers.origin)]);
  const idOf = (req: WebRequest) => String(req.headers["x-request-id"]);

  const fail: Pipeline["fail"] = (req, res, error) => {
    const problem = toProblem(error);
    const instance = pathOf(req);
    if (problem.code === "INTERNAL") logger().error(`${req.method} ${instance} failed (request ${idOf(req)}):`, error);
    const locale = localeOf(req.headers["accept-language"], defaultLocale);
    reply(req, res, problemAnswer(problem, { locale, instance, tokenSent: bearer(req) !== undefined }), idOf(req));
  };

  const at: Pipeline["at"] = routes => {
    const responders = new Map(
      routes.map(route => [
        route.method as string,
        "own" in route ? ownResponder(own[route.own]) : actionResponder(route, parts),
      ]),
    );
    const allow = [...responders.keys()]
      .flatMap(method => (method === "GET" ? ["GET", "HEAD"] : [method]))
      .concat("OPTIONS")
      .join(", ");
    const respond: Respond = async (req, res) => {
      if (req.method === "OPTIONS") return noContent(preflight(allow));
      const responder = responders.get(req.method === "HEAD" ? "GET" : (req.method ?? ""));
      if (!responder) throw new Refusal("METHOD_NOT_ALLOWED", { allow });
      if (!acceptsJson(req.headers.accept)) throw new Refusal("NOT_ACCEPTABLE");
      return responder(req, res);
    };
    return async (req, res) => {
      try {
        reply(req, res, await respond(req, res), idOf(req));
      } catch (error) {
        fail(req, res, error);
      }
    };
  };

  return { at, fail, reply };
};

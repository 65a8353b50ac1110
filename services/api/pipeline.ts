// A request's way from its route to an answer: who calls, with what, and what comes back.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../../lib/refusal";
import { traceIn } from "../../lib/events/metadata";
import type { Locale } from "../../contracts/common";
import type { AccessTokens } from "../../lib/access/access-tokens";
import type { Logger } from "../../lib/logger";
import { toCallingOptions } from "../../lib/moleculer/bus";
import { AS_BYTES } from "../../lib/moleculer/serializer";
import { type Answer, noContent, send } from "./http/response";
import { corsOf, preflight } from "./http/cors";
import type { EdgeCache } from "./cache/edge-cache";
import { SECURITY_HEADERS } from "./http/security-headers";
import type { WebRequest, WebResponse } from "./moleculer-web";
import { acceptsJson, localeOf } from "./http/negotiate";
import { passesBytes } from "./routing/pass-through";
import { paramsReader, refuseQuery } from "./routing/params";
import { RequestDeadline, type Waking } from "./http/request-deadline";
import { presenter } from "./routing/presenter";
import { type Problem, problemAnswer, statusOf, toProblem } from "./http/problem";
import { isReplayable } from "./routing/replay";
import type { ActionRoute, OwnRoute, Route } from "./routing/route";
import { contractOf } from "./routing/contracts";

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

/** Where that is which was made and kept, though its request was refused; undefined when nothing was. */
const keptBy = (route: Route | undefined, { facts }: Problem): string | undefined => {
  if (!route || "own" in route || route.location?.ofRefused === undefined) return undefined;
  const { under, ofRefused } = route.location;
  return typeof facts[ofRefused] === "string" ? `${under}${facts[ofRefused]}` : undefined;
};

const actionResponder = (route: ActionRoute, parts: Parts): Respond => {
  const { cache, access: tokens, timeoutMs, waking } = parts;
  const { action, cached, touches, endsSessions } = route;
  const { access, result: resultSchema } = contractOf(action);
  if (cached && access !== "anyone") throw new Error(`${action} is not for everybody: its answers cannot be cached.`);
  const read = paramsReader(route);
  const present = presenter(route);
  const form = passesBytes(route) ? AS_BYTES : {};
  const isOnce = isReplayable(resultSchema);
  const forget = (products: readonly string[] = []) => products.forEach(id => cache.drop(id));

  const respond: Respond = async (req, res) => {
    const deadline = new RequestDeadline(res, timeoutMs);
    const token = access === "anyone" ? undefined : bearer(req);
    if (access !== "anyone") await deadline.within(tokens.recognise(access, token));
    const params = await read(req, urlOf(req), req.$params.params);
    if (route.method !== "GET") await waking.readUp();
    try {
      // Others may wait for a cached answer, when the first who asked has gone.
      const signal = cached ? {} : { signal: deadline.client };
      const result: unknown = await req.$ctx.call(action, params, {
        ...toCallingOptions({ token, ...signal, ...(isOnce ? { attempt: randomUUID() } : {}) }),
        ...form,
        meta: traceIn(req.headers.traceparent),
      });
      // Before the answer goes out: its reader must not see what was there before.
      forget(touches?.asked?.(params));
      forget(touches?.answered?.(result as Record<string, unknown>));
      // What is done is done: it is not refused because others have not heard of it yet.
      if (endsSessions) await deadline.within(tokens.look()).catch(() => undefined);
      return present(result);
    } catch (error) {
      const problem = toProblem(error);
      // Not known whether the change was made. A refusal has changed nothing, but where what was made is kept: a
      // rejected order held pieces for a while.
      if (touches && statusOf(problem) >= 500) cache.clear();
      else if (keptBy(route, problem) !== undefined) forget(touches?.asked?.(params));
      throw error;
    }
  };
  if (!cached) return respond;
  const shownIn = ({ $params }: WebRequest) => (cached === "list" ? undefined : $params.params[cached.product]);
  return (req, res) => cache.answer(urlOf(req), shownIn(req), () => respond(req, res));
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
    send(req, res, answer, ["X-Request-ID", requestId, ...SECURITY_HEADERS, ...cors(req.headers.origin)]);
  const idOf = (req: WebRequest) => String(req.headers["x-request-id"]);

  const refuse = (req: WebRequest, res: WebResponse, error: unknown, route?: Route): void => {
    const problem = toProblem(error);
    const instance = pathOf(req);
    if (problem.code === "INTERNAL") logger().error(`${req.method} ${instance} failed (request ${idOf(req)}):`, error);
    const locale = localeOf(req.headers["accept-language"], defaultLocale);
    const occasion = { locale, instance, tokenSent: bearer(req) !== undefined, location: keptBy(route, problem) };
    reply(req, res, problemAnswer(problem, occasion), idOf(req));
  };

  const at: Pipeline["at"] = routes => {
    const responders = new Map(
      routes.map(route => {
        const respond = "own" in route ? ownResponder(own[route.own]) : actionResponder(route, parts);
        return [route.method as string, { route, respond }];
      }),
    );
    const allow = [...responders.keys()]
      .flatMap(method => (method === "GET" ? ["GET", "HEAD"] : [method]))
      .concat("OPTIONS")
      .join(", ");
    return async (req, res) => {
      const found = responders.get(req.method === "HEAD" ? "GET" : (req.method ?? ""));
      const respond: Respond = async () => {
        if (req.method === "OPTIONS") return noContent(preflight(allow));
        if (!found) throw new Refusal("METHOD_NOT_ALLOWED", { allow });
        if (!acceptsJson(req.headers.accept)) throw new Refusal("NOT_ACCEPTABLE");
        return found.respond(req, res);
      };
      try {
        reply(req, res, await respond(req, res), idOf(req));
      } catch (error) {
        refuse(req, res, error, found?.route);
      }
    };
  };

  return { at, fail: (req, res, error) => refuse(req, res, error), reply };
};

// The gateway: the only way in, and the place where the public API is bound to the services.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { readSettings } from "../../lib/env";
import { listenAlone } from "../../lib/moleculer/bus";
import { whenReachable } from "../../lib/moleculer/reachable";
import { runtimeOf } from "../../lib/moleculer/runtime";
import type { Logger } from "../../lib/logger";
import { json, requestId } from "./http/response";
import { corsOf } from "./http/cors";
import { EdgeCache } from "./cache/edge-cache";
import { headOf, subscribe } from "./cache/feed-subscription";
import { toOriginForm, unfit } from "./http/request-check";
import { SECURITY_HEADERS } from "./http/security-headers";
import { live, readiness } from "./health";
import { hotReply } from "./cache/hot-path";
import { type Web, type WebRequest, webService } from "./moleculer-web";
import { openApi } from "./routing/openapi";
import { newWaking } from "./http/request-deadline";
import { createPipeline } from "./pipeline";
import { routes } from "./routes";
import { settings } from "./settings";
import { close, listen, newServer, urlOf } from "./http/server";
import { answerUnreadable, refuseConnect } from "./http/client-errors";

/** Loaded by Moleculer's runner. @throws StartupError naming a setting that cannot be used */
const apiService = (broker: ServiceBroker): ServiceSchema => {
  const runtime = runtimeOf(broker);
  const { access, bus } = runtime;
  const {
    CORS_ORIGINS: corsOrigins,
    DEFAULT_LOCALE: defaultLocale,
    HOST: host,
    PORT: port,
  } = readSettings(settings, runtime.env);
  let web: Web;
  const logger = (): Logger => web.logger;
  const cache = new EdgeCache({ now: () => performance.now() });
  const fromNowOn = async () => {
    const head = await headOf(bus, "products");
    // What was stored before the first look may have changed since.
    cache.clear();
    return head;
  };
  const catalogue = subscribe(bus, "products", fromNowOn, event => cache.drop(event.aggregateId), logger);

  const waking = newWaking();
  const document = json(openApi(routes), { etag: "hash", cacheControl: "no-cache" });
  let ready: ReturnType<typeof readiness>;
  let unfollow: (() => Promise<void>) | undefined;
  let unhear: (() => void) | undefined;
  const pipeline = createPipeline({
    access,
    timeoutMs: broker.options.requestTimeout ?? 0,
    corsOrigins,
    defaultLocale,
    cache,
    waking,
    logger,
    own: { live, ready: () => ready(), openapi: async () => document },
  });
  const paths = new Set(routes.map(({ path }) => path));
  // Where the CORS headers depend on who asks, answers take the ordinary way; the cache spares them the call all the
  // same.
  const isForAll = corsOrigins.length === 0 || corsOrigins.includes("*");
  const reply = isForAll ? hotReply([...SECURITY_HEADERS, ...corsOf(corsOrigins)(undefined)]) : undefined;

  const server = newServer((req: IncomingMessage, res: ServerResponse) => {
    toOriginForm(req);
    const answer = req.method === "GET" || req.method === "HEAD" ? cache.get(req.url ?? "") : undefined;
    if (answer && reply?.(req, res, answer)) return;
    const id = requestId(req.headers["x-request-id"]);
    // The framework takes the id from there, and would prefer a correlation id, which may be of any length.
    req.headers["x-request-id"] = id;
    delete req.headers["x-correlation-id"];
    const why = unfit(req);
    if (why !== undefined) {
      // What follows on this connection could be a part of what was not understood.
      if (why.code !== "HEADER_REPEATED") res.shouldKeepAlive = false;
      return pipeline.fail(req as WebRequest, res, why);
    }
    web.httpHandler(req, res).catch((error: unknown) => {
      logger().error(`Answering failed (request ${id}):`, error);
      res.destroy();
    });
  });

  server.on("clientError", answerUnreadable(defaultLocale));
  server.on("connect", refuseConnect(defaultLocale));
  server.on("checkExpectation", (req: IncomingMessage, res: ServerResponse) => server.emit("request", req, res));

  // Every gateway keeps a cache and endings of its own: each has to hear.
  const nudge = (handler: () => Promise<void>) => ({ group: listenAlone("api", broker.nodeID), handler });
  return webService({
    paths: new Map([...paths].map(path => [path, pipeline.at(routes.filter(route => route.path === path))])),
    fail: pipeline.fail,
    events: {
      [`${access.feed}.appended`]: nudge(() => access.look()),
      "products.appended": nudge(() => catalogue.look()),
    },
    created(instance) {
      web = instance;
      ready = readiness(bus, broker, instance.logger);
    },
    async started() {
      await listen(server, host, port);
      runtime.address = urlOf(server);
      unfollow = access.follow((...parts) => logger().warn(...parts));
      // Not awaited: a gateway without products still has other things to answer.
      unhear = whenReachable(broker, ["products"], () => void catalogue.look());
    },
    drain: () => close(server),
    async stopped() {
      await close(server);
      runtime.address = undefined;
      waking.stop();
      unhear?.();
      await Promise.all([unfollow?.(), catalogue.stop()]);
    },
  });
};

export default Object.assign(apiService, { serviceName: "api", settings, follows: [], readModel: undefined });

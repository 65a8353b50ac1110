// The gateway: the only way in, and the place where the public API is bound to the services.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import type { Runtime } from "../../lib/moleculer/runtime";
import type { Logger } from "../../lib/moleculer/service";
import { json, requestId } from "./http/response";
import { corsOf } from "./http/cors";
import { EdgeCache } from "./cache/edge-cache";
import { headOf, watch } from "./cache/feeds";
import { SECURITY, toOriginForm, unfit } from "./http/front";
import { live, readiness } from "./health";
import { hotReply } from "./cache/hot-path";
import { type Web, type WebRequest, webService } from "./moleculer-web";
import { openApi } from "./routing/openapi";
import { newWaking } from "./patience";
import { createPipeline } from "./pipeline";
import { routes } from "./routes";
import { close, listen, newServer, urlOf } from "./http/server";
import { answerUnreadable, refuseConnect } from "./http/unreadable";

const servers = new WeakMap<ServiceBroker, Server>();

/** Where the gateway of a broker listens, such as `http://127.0.0.1:3000`; undefined when it has none. */
export const addressOf = (broker: ServiceBroker): string | undefined => {
  const server = servers.get(broker);
  return server && urlOf(server);
};

/** Stops taking requests and finishes those in flight, so that the services behind the gateway can then be stopped. */
export const drain = async (broker: ServiceBroker): Promise<void> => {
  const server = servers.get(broker);
  if (server) await close(server);
};

export const apiService = async (runtime: Runtime): Promise<ServiceSchema> => {
  let web: Web;
  const logger = (): Logger => web.logger;
  const cache = new EdgeCache({ now: () => performance.now() });
  const fromNowOn = async () => {
    const head = await headOf(runtime, "products");
    // What was stored before the first look may have changed since.
    cache.clear();
    return head;
  };
  const catalogue = watch(runtime, "products", fromNowOn, event => cache.drop(event.aggregateId), logger);

  const waking = newWaking();
  const document = json(openApi(routes), { etag: "hash", cacheControl: "no-cache" });
  let ready: ReturnType<typeof readiness>;
  let unfollow: (() => Promise<void>) | undefined;
  const pipeline = createPipeline({
    runtime,
    cache,
    waking,
    logger,
    own: { live, ready: () => ready(), openapi: async () => document },
  });
  const paths = new Set(routes.map(({ path }) => path));
  const { corsOrigins, defaultLocale } = runtime.config;
  // Where the CORS headers depend on who asks, answers take the ordinary way; the cache spares them the call all the
  // same.
  const isForAll = corsOrigins.length === 0 || corsOrigins.includes("*");
  const reply = isForAll ? hotReply([...SECURITY, ...corsOf(corsOrigins)(undefined)]) : undefined;

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

  return webService({
    paths: new Map([...paths].map(path => [path, pipeline.at(routes.filter(route => route.path === path))])),
    fail: pipeline.fail,
    events: { "users.appended": () => void runtime.access.look(), "products.appended": () => void catalogue.look() },
    created(instance) {
      web = instance;
      ready = readiness(runtime, instance.broker, instance.logger);
      servers.set(instance.broker, server);
    },
    async started() {
      await listen(server, runtime.config.host, runtime.config.port);
      unfollow = runtime.access.follow((...parts) => logger().warn(...parts));
      void catalogue.look();
    },
    async stopped() {
      await close(server);
      waking.stop();
      await Promise.all([unfollow?.(), catalogue.stop()]);
    },
  });
};

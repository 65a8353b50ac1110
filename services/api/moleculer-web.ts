// The one file that wraps moleculer-web's types: its pipeline with our routes in it, and nothing that publishes by
// itself.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Logger } from "../../lib/logger";

/** A request inside the pipeline. */
export interface WebRequest extends IncomingMessage {
  /** The URL as received; absent on a request that failed before it was routed. */
  originalUrl?: string;
  $ctx: Context;
  $params: { params: Record<string, string> };
}
export type WebResponse = ServerResponse<IncomingMessage>;

/** The service's instance, as far as it concerns us. */
export interface Web {
  broker: ServiceBroker;
  logger: Logger;
  /** The framework's way in; it answers, or calls `fail`. */
  httpHandler(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export interface WebDefinition {
  /** What answers at each path (`/api/products/:id`), whatever the method. */
  paths: ReadonlyMap<string, (req: WebRequest, res: WebResponse) => Promise<void>>;
  fail(req: WebRequest, res: WebResponse, error: unknown): void;
  events: Readonly<Record<string, { group: string; handler(): Promise<void> }>>;
  created(web: Web): void;
  started(): Promise<void>;
  stopped(): Promise<void>;
  /** Takes no more requests and finishes those in flight: see lib/moleculer/middlewares/drain.ts. */
  drain(): Promise<void>;
}

type Method = (req: never, res: never, error: unknown) => void;

// Its own event handler regenerates automatic aliases on every change of the registry, and tells all nodes: we have
// none.
const { events: _events, ...mixin } = ApiGateway as ServiceSchema;

/** Builds the service named `api`. */
export const webService = ({ paths, fail, events, created, started, stopped, drain }: WebDefinition): ServiceSchema => {
  const route = {
    path: "/",
    // With `all`, which is the default of a route without aliases, every action of the system would have a URL.
    mappingPolicy: "restrict",
    mergeParams: false,
    bodyParsers: false,
    logging: false,
    pathToRegexpOptions: { sensitive: true, trailing: false },
    aliases: Object.fromEntries(
      [...paths].map(([path, answer]) => [path, (req: WebRequest, res: WebResponse) => void answer(req, res)]),
    ),
  };
  const methods: Record<string, Method> = {
    errorHandler: fail,
    sendError: fail,
  };
  const off = { enabled: false };
  return {
    name: "api",
    mixins: [mixin],
    settings: {
      // The server is ours (server.ts): the mixin's would end the process when the port is taken.
      server: false,
      routes: [route],
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
      rootCallOptions: { tracking: false },
      $secureSettings: ["routes", "rootCallOptions", "port", "ip"],
    },
    actions: {
      // One failing service must not close the gateway for all, and slow uploads must not fill its queue.
      rest: { bulkhead: off, circuitBreaker: off, retryPolicy: off },
      listAliases: false,
      addRoute: false,
      removeRoute: false,
    },
    events,
    methods: {
      ...methods,
      // Query strings are ours to read (params.ts): qs would make objects of them.
      parseQueryString: ({ url = "/" }: IncomingMessage) => ({ query: {}, url: url.split("?", 1)[0] }),
    },
    created(this: Web) {
      created(this);
    },
    started,
    stopped,
    drain,
  } as unknown as ServiceSchema;
};

// The HTTP server: its limits, and how it begins and ends.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { StartupError } from "../../../lib/errors";
import { type ConnectionLimits, cutOffStalled, oneAtATime } from "./connections";
import { MAX_HEADER_BYTES, MAX_TARGET_BYTES } from "./limits";

/** Milliseconds that requests in flight get to finish when the gateway stops. */
const DRAIN_LIMIT_MS = 10_000;
/**
 * Milliseconds in which busy clients are told to leave, before the door is shut: a request already under way would be
 * reset. Enough for those that have a connection; of many that connect in this very moment, Node accepts one a turn of
 * its loop, and resets whom it has not come to.
 */
const NOTICE_MS = 250;
/** Milliseconds that a client which has connected and said nothing gets to say it. */
const SILENCE_LIMIT_MS = 500;
const SWEEP_EVERY_MS = 20;

interface State {
  draining: boolean;
  /** Connections on which no request has come yet: for Node they are not idle, and would hold up the end. */
  silent: Set<Socket>;
}
const states = new WeakMap<Server, State>();

export const newServer = (listener: RequestListener, limits?: ConnectionLimits): Server => {
  const state: State = { draining: false, silent: new Set() };
  const take = oneAtATime((req, res) => {
    // While draining, a client must not send its next request on this connection.
    if (state.draining) res.shouldKeepAlive = false;
    listener(req, res);
  }, limits);
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: MAX_TARGET_BYTES + MAX_HEADER_BYTES,
      requireHostHeader: false,
    },
    (req, res) => {
      if (state.silent.size > 0) state.silent.delete(req.socket);
      take(req, res);
    },
  );
  server.on("connection", socket => {
    state.silent.add(socket);
    socket.once("close", () => state.silent.delete(socket));
  });
  cutOffStalled(server, limits);
  states.set(server, state);
  // Not to be limited here: Node would leave out the others without a word. request-check.ts counts them.
  server.maxHeadersCount = 0;
  server.maxConnections = 10_000;
  return server;
};

const explain = (error: NodeJS.ErrnoException, host: string, port: number): StartupError => {
  switch (error.code) {
    case "EADDRINUSE":
      return new StartupError(
        `Port ${port} on ${host} is already in use. ` +
          "Stop the program that uses it, or set PORT to another one (PORT=0 picks a free one).",
      );
    case "EACCES":
      return new StartupError(`Port ${port} on ${host} may not be used by this user: set PORT to 1024 or higher.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new StartupError(`HOST=${host} is not an address of this machine.`);
    default:
      return new StartupError(`The gateway cannot listen on ${host}:${port}: ${error.message}.`);
  }
};

/** @throws StartupError when the address cannot be had */
export const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(explain(error, host, port));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });

const hasConnections = (server: Server): Promise<boolean> =>
  new Promise(resolve => server.getConnections((_error, count) => resolve(count > 0)));

/** Sends clients away, then takes no new connections, lets requests in flight finish, and closes what is idle. */
export const close = async (server: Server): Promise<void> => {
  const state = states.get(server);
  if (state) state.draining = true;
  if (server.listening && (await hasConnections(server))) await setTimeoutPromise(NOTICE_MS);
  await shut(server);
};

const shut = (server: Server): Promise<void> =>
  new Promise(resolve => {
    if (!server.listening) return resolve();
    // Keep-alive connections become idle one by one; waiting for their clients could take a minute.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
    const hush = setTimeout(() => states.get(server)?.silent.forEach(socket => socket.destroy()), SILENCE_LIMIT_MS);
    const limit = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(hush);
      clearTimeout(limit);
      resolve();
    });
  });

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === "object" && address !== null;

/**
 * Where a person on this machine reaches the server, such as `http://127.0.0.1:3000`; undefined while it does not
 * listen.
 */
export const urlOf = (server: Server): string | undefined => {
  const at = server.address();
  if (!isAddress(at)) return undefined;
  const host = at.address === "0.0.0.0" || at.address === "::" ? "127.0.0.1" : at.address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${at.port}`;
};

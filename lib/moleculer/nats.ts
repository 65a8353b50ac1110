// How to reach NATS, and whether it answers.
import { setTimeout } from "node:timers/promises";
import type { ConnectionOptions } from "nats";
import { hideCredentials, parseAddress } from "../addresses";
import { messageOf, StartupError } from "../errors";

const withPort = (server: string) => (/:\d+$/.test(server) ? server : `${server}:4222`);

/**
 * Connection options for servers such as `nats://user:password@host:4222`: nats 2 ignores or fails on credentials and
 * TLS in a URL.
 */
export const natsOptions = (servers: readonly string[]) => {
  const addresses = servers.map(parseAddress);
  const { user, password } = addresses[0] ?? {};
  return {
    servers: addresses.flatMap(address => address?.hosts ?? []).map(withPort),
    ...(user ? { user, pass: password ?? "" } : {}),
    ...(servers.some(server => server.startsWith("tls:")) ? { tls: {} } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // After repeated rejections the client would close for good while the process looks healthy.
    ignoreAuthErrorAbort: true,
  } satisfies ConnectionOptions;
};

/** Milliseconds that a server may take to come up beside us. */
const PATIENCE = 10_000;

/**
 * Connects and leaves again: Moleculer alone would try for ever, and say little.
 * @throws StartupError when no server lets us in
 */
export const requireNats = async (servers: readonly string[]): Promise<void> => {
  const { connect } = await import("nats");
  const options = natsOptions(servers);
  for (const until = Date.now() + PATIENCE; ; await setTimeout(250)) {
    try {
      const connection = await connect({ ...options, reconnect: false, timeout: 2000 });
      return await connection.close();
    } catch (error) {
      if (Date.now() < until) continue;
      const reason = servers.reduce(hideCredentials, messageOf(error));
      throw new StartupError(
        `NATS at ${options.servers.join(", ")} does not answer (${reason}). ` +
          "Start it, or set NATS_URL to where it runs.",
      );
    }
  }
};

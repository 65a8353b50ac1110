// Tells a dead process by its successor: a new node with the same name takes its place at once, before heartbeats are
// missed.
import type { Middleware, ServiceBroker } from "moleculer";
import { HEARTBEAT } from "../heartbeats";

/** What a node says of itself in its metadata. */
export interface Place {
  /** The same over restarts, and different for every process that runs at the same time. */
  name: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Seconds of silence after which it wants to be counted as dead. */
  heartbeatTimeout: number;
}

interface Packet {
  payload?: { sender?: string; metadata?: Partial<Place> };
}
type Handle = (command: string, packet: Packet) => unknown;

/**
 * A node id that is new at each start, so that nothing (a circuit breaker's memory, say) is taken over from a
 * predecessor.
 */
export const nodeAt = (name: string, startedAt: number): { nodeID: string; metadata: Place } => ({
  nodeID: `${name}-${startedAt.toString(36)}`,
  metadata: { name, startedAt, heartbeatTimeout: HEARTBEAT.timeout },
});

/**
 * What was asked of the dead will never be answered. Its calls are rejected as soon as the successor says hello: asked
 * again if their action is idempotent, and an honest 503 otherwise.
 */
export const replaceDeadNodes = (): Middleware => {
  let broker: ServiceBroker;
  const handle =
    (next: Handle): Handle =>
    (command, packet) => {
      const result = next(command, packet);
      const { sender, metadata: { name, startedAt = 0 } = {} } = packet.payload ?? {};
      if (command !== "INFO" || name === undefined) return result;
      const others = broker.registry.nodes
        .toArray()
        .filter(node => node.available && node.id !== sender && node.metadata?.name === name)
        .map(({ id, local, metadata }) => ({ id, local, startedAt: Number(metadata?.startedAt) }));
      for (const other of others)
        if (!other.local && other.startedAt < startedAt) broker.registry.nodes.disconnected(other.id, true);
      // One that hung, was replaced, and has just woken: it is about to end, and is not taken back until then.
      const isReplaced = others.some(other => other.startedAt > startedAt);
      if (isReplaced && sender !== undefined) broker.registry.nodes.disconnected(sender, true);
      return result;
    };
  return {
    name: "ReplaceDeadNodes",
    created(created) {
      broker = created;
    },
    // Moleculer's types describe the hook as if it were called with a message already.
    transitMessageHandler: handle as never,
  };
};

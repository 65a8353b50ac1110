// Ends calls that wait for a process that has died, as soon as its successor with the same node id says hello.
import type { Middleware, ServiceBroker } from "moleculer";

interface Packet {
  payload?: { sender?: string; instanceID?: string };
}
type Handle = (command: string, packet: Packet) => unknown;

/**
 * A dead node is noticed by its missing heartbeats, which takes seconds. Its successor is there sooner: what was asked of the
 * first will never be answered, so it is rejected at once, and asked again if its action is idempotent.
 */
export const rejectCallsToRestarted = (): Middleware => {
  let broker: ServiceBroker;
  const handle = (next: Handle): Handle => (command, packet) => {
    const { sender, instanceID } = packet.payload ?? {};
    const known = command === "INFO" && sender !== undefined ? broker.registry.nodes.get(sender) : undefined;
    const restarted = known && known.instanceID !== instanceID;
    const result = next(command, packet);
    if (restarted) broker.transit?.removePendingRequestByNodeID(known.id);
    return result;
  };
  return {
    name: "RejectCallsToRestarted",
    created(created) {
      broker = created;
    },
    // Moleculer's types describe the hook as if it were called with a message already.
    transitMessageHandler: handle as never,
  };
};

// Joins under a name that no other live process has: asks before the broker connects, and gives it back at the end.
import type { Middleware, ServiceBroker } from "moleculer";
import type { StartupError } from "../../errors";
import { requireNats } from "../nats";
import { type HeldName, holdName } from "../node-name";
import type { Place } from "./replace-dead-nodes";

/**
 * @param onReplaced called when another process has taken this one's name, because this one hung or was cut off
 * @throws StartupError from the broker's start when NATS does not answer, or a live process has the name
 */
export const holdNodeName = (
  servers: readonly string[],
  place: Place,
  onReplaced: (why: StartupError) => void,
): Middleware => {
  let held: HeldName | undefined;
  return {
    name: "HoldNodeName",
    async starting(_broker: ServiceBroker) {
      await requireNats(servers);
      held = await holdName(servers, place, onReplaced);
    },
    async stopped() {
      await held?.release();
    },
  };
};

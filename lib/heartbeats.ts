// Tells who is dead: judges each node by the silence that it has announced itself, and by Moleculer's default when it has announced none.
import { Discoverers } from "moleculer";

/** Seconds between our own heartbeats, and seconds of silence after which one of us counts as dead. */
export const HEARTBEAT = { interval: 1, timeout: 3 } as const;

/** Seconds of silence that a stock broker (a heartbeat every 10 s) allows, and wants to be allowed. */
const STOCK_TIMEOUT = 30;
const LONGEST = 300;

/** Seconds of silence after which a node counts as dead, by what it says of itself in its metadata. */
export const allowedSilence = (metadata: unknown): number => {
  const { heartbeatTimeout } = (metadata ?? {}) as { heartbeatTimeout?: unknown };
  const isUsable = typeof heartbeatTimeout === "number" && heartbeatTimeout >= 1 && heartbeatTimeout <= LONGEST;
  return isUsable ? heartbeatTimeout : STOCK_TIMEOUT;
};

/** Moleculer's own discovery, except that the silence which is too long is the node's own and not the same for all. */
export class Discovery extends Discoverers.Local {
  private checkedAt: number | undefined;

  constructor() {
    super({ heartbeatInterval: HEARTBEAT.interval, heartbeatTimeout: HEARTBEAT.timeout });
  }

  override checkRemoteNodes(): void {
    // In Moleculer's unit: whole seconds of this process, as in lastHeartbeatTime.
    const now = Math.round(process.uptime());
    const since = now - (this.checkedAt ?? now);
    this.checkedAt = now;
    // This process itself was held up: what the others said meanwhile is still waiting to be read. Looks are as far apart as
    // the silence that is allowed, to a second.
    if (since > HEARTBEAT.timeout + 1) return;
    for (const node of this.registry.nodes.toArray()) {
      if (node.local || !node.available) continue;
      node.lastHeartbeatTime ||= now;
      if (now - node.lastHeartbeatTime <= allowedSilence(node.metadata)) continue;
      this.logger.warn(`Heartbeat is not received from '${node.id}' node.`);
      this.registry.nodes.disconnected(node.id, true);
    }
  }
}

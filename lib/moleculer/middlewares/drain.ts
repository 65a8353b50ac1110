// Lets go of the outside world before anything stops: what takes requests finishes those in flight first.
import type { Middleware, ServiceBroker } from "moleculer";

/** A service that takes requests from outside says in its schema how it ends that. */
export interface Draining {
  /** Takes no more requests, and resolves when those in flight are answered. */
  drain(): Promise<void>;
}

const canDrain = (schema: object): schema is Draining => "drain" in schema && typeof schema.drain === "function";

/** Called by Moleculer before it stops the first service; the services behind can be called until then. */
export const drain = (): Middleware => ({
  name: "Drain",
  async stopping(broker: ServiceBroker) {
    const schemas = broker.services.map((service): object => service.schema);
    await Promise.all(schemas.filter(canDrain).map(schema => schema.drain()));
  },
});

// What a process gives to the services that it hosts: attached to their broker, from which they take it.
import type { ServiceBroker } from "moleculer";
import type { AccessTokens } from "../access/access-tokens";
import type { Env } from "../env";
import type { Store } from "../store/store";
import type { Bus } from "./bus";

export interface Runtime {
  readonly bus: Bus;
  readonly access: AccessTokens;
  /** What settings are read from. */
  readonly env: Env;
  now(): Date;
  /** A new unique id such as `prd_6f1c…`. */
  newId(prefix: string): string;
  /** Opens the database of a service; see Store. @throws StartupError when it can't be had */
  openStore(service: string): Promise<Store>;
  /** Lines for the person who started the process, to be shown once it is ready. */
  readonly notices: string[];
  /** Where this process takes requests from outside, such as `http://127.0.0.1:3000`; set by who listens there. */
  address: string | undefined;
}

/** Not a module's own map: after a hot reload there are two of each module, and one broker. */
const RUNTIME = Symbol.for("jangteo.runtime");

/** Gives a broker's services what they need. Called once, when the broker is created. */
export const attachRuntime = (broker: ServiceBroker, runtime: Runtime): void => {
  Object.assign(broker, { [RUNTIME]: runtime });
};

/** @throws Error when the broker was made without moleculer.config.ts */
export const runtimeOf = (broker: ServiceBroker): Runtime => {
  const runtime = (broker as { [RUNTIME]?: Runtime })[RUNTIME];
  if (!runtime)
    throw new Error("This broker was made without moleculer.config: its services have nothing to work with.");
  return runtime;
};

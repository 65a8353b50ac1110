// Binds a service to its contract: what Moleculer's runner loads.
import type { TObject } from "@sinclair/typebox";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { type EventSchemas, type FeedName, needsToken } from "../contract";
import { readSettings } from "../env";
import type { AnyProjection } from "../events/projection";
import { type ActionContext, type AnyHandler, toAction } from "./action";
import { listenAlone } from "./bus";
import type { AnyContract, AnyDefinition, Definition } from "./definition";
import { Instance } from "./instance";
import { runtimeOf } from "./runtime";

/** What Moleculer's runner loads: given a broker, the service. What tools want to know of it stands beside. */
export interface ServiceFactory {
  (broker: ServiceBroker): ServiceSchema;
  readonly serviceName: string;
  readonly settings: TObject;
  readonly follows: readonly FeedName[];
  readonly readModel: AnyProjection | undefined;
}

/**
 * Binds handlers to a contract. Params are validated, access is checked and errors are translated here, once.
 * @returns what the file of a service exports as its default
 */
export const defineService = <
  C extends AnyContract,
  S extends EventSchemas = EventSchemas,
  F extends FeedName = never,
  O extends TObject = TObject,
>(
  name: string,
  contract: C,
  definition: Definition<C, S, F, O>,
): ServiceFactory => {
  const { settings, follows = [], readModel } = definition;
  const acceptsTokens = Object.values(contract).some(({ access }) => needsToken(access));

  const factory = (broker: ServiceBroker): ServiceSchema => {
    const { env, access } = runtimeOf(broker);
    const values = readSettings(settings, env);
    let instance: Instance;
    // Whoever accepts tokens has to know which of them ended, in every process; of those who follow a feed from a
    // checkpoint in their common store, one is enough.
    const nudged = new Set<FeedName>([...follows, ...(acceptsTokens ? [access.feed] : [])]);
    const groupOf = (source: FeedName) =>
      acceptsTokens && source === access.feed ? listenAlone(name, broker.nodeID) : name;
    const actions = Object.entries(contract).map(([key, promise]) => {
      const handle: AnyHandler = (ctx: ActionContext<unknown>, actor) => instance.handler(key)(ctx, actor);
      return [key, toAction(`${name}.${key}`, promise, handle, () => instance.logger)] as const;
    });
    const schema = {
      name,
      actions: Object.fromEntries(actions),
      events: Object.fromEntries(
        [...nudged].map(source => [
          `${source}.appended`,
          { group: groupOf(source), handler: () => instance.hear(source) },
        ]),
      ),
      created(this: Service) {
        instance = new Instance(name, definition as unknown as AnyDefinition, values, acceptsTokens, this);
      },
      started: () => instance.start(nudged),
      stopped: () => instance.stop(),
    };
    return schema as unknown as ServiceSchema;
  };
  return Object.assign(factory, { serviceName: name, settings, follows, readModel });
};

// What Moleculer's registry knows and does, and its types leave out: the one place that says so.
import type { Service, ServiceBroker } from "moleculer";

interface Item {
  actions: Record<string, unknown>;
}

interface Registry {
  services: { get(fullName: string, nodeID: string): Item | undefined };
  actions: { removeByService(item: Item): void };
  nodes: { localNode: unknown };
  /** Its types ask for the node too. */
  hasService(name: string): boolean;
  registerActions(node: unknown, item: Item, actions: unknown): void;
  localNodeInfoInvalidated: unknown;
  getActionEndpoints(action: string): { endpoints: { action: { timeout?: number } }[] } | undefined;
}

const registryOf = (broker: ServiceBroker): Registry => broker.registry as unknown as Registry;

/** Moleculer's own news of its registry, here and on other nodes: an event of the broker's local bus. */
export const CHANGED = "$services.changed";

/** Whether a service can be called, here or on another node. */
export const isOffered = (broker: ServiceBroker, service: string): boolean => registryOf(broker).hasService(service);

/** Milliseconds, as the action's owner says; undefined where it says nothing, or nobody offers the action. */
export const timeLimitOf = (broker: ServiceBroker, action: string): number | undefined =>
  registryOf(broker).getActionEndpoints(action)?.endpoints[0]?.action.timeout;

/**
 * Takes the actions of a local service off the registry, here and on all nodes, or puts them back. Its events and
 * followers go on.
 */
export const offerActions = (service: Service, offered: boolean): void => {
  const { broker } = service;
  const registry = registryOf(broker);
  const item = registry.services.get(service.fullName, broker.nodeID);
  if (!item) return;
  registry.actions.removeByService(item);
  item.actions = {};
  const { _serviceSpecification: specification } = service as unknown as {
    _serviceSpecification: { actions: unknown };
  };
  if (offered) registry.registerActions(registry.nodes.localNode, item, specification.actions);
  registry.localNodeInfoInvalidated = "seq";
  (broker as unknown as { servicesChanged(local: boolean): void }).servicesChanged(true);
};

// How a process reaches the service that signs access tokens.
import type { Authority } from "./access-tokens";
import type { Bus } from "../moleculer/bus";

export const authorityOn = (bus: Bus): Authority => ({
  keys: () => bus.call("users.jwks", {}),
  endings: (after, limit) => bus.call("users.endings", after === undefined ? { limit } : { after, limit }),
  standing: async ({ id, session, version }) => (await bus.call("users.standing", { id, session, version })).role,
});

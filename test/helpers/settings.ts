// Reads settings as a process does: what every process is told, and what is for the services that it hosts.
import { type Env, readSettings } from "../../lib/env";
import type { storeSettings } from "../../lib/store/settings";
import { servicesIn } from "../../moleculer.config";
import type { settings as api } from "../../services/api/settings";
import type { settings as mail } from "../../services/mail/settings";
import type { settings as orders } from "../../services/orders/settings";
import type { settings as payments } from "../../services/payments/settings";
import type { settings as products } from "../../services/products/settings";
import type { settings as users } from "../../services/users/settings";
import type { Static } from "@sinclair/typebox";
import { everybodysSettings, settingsOf } from "../../service-files";

type All = Static<typeof everybodysSettings> &
  Static<typeof storeSettings> &
  Static<typeof api> &
  Static<typeof users> &
  Static<typeof products> &
  Static<typeof orders> &
  Static<typeof payments> &
  Static<typeof mail>;

/** @throws StartupError naming the first that cannot be used */
export const settingsIn = (env: Env): Partial<All> & Pick<All, "SERVICES"> => {
  const services = servicesIn(env);
  const schemas = [everybodysSettings, ...services.map(settingsOf)];
  return Object.assign({}, ...schemas.map(schema => readSettings(schema, env))) as All;
};

// Where each service is, found by its name: services/<name>/<name>.service, with its settings beside it.
import { join } from "node:path";
import type { TObject } from "@sinclair/typebox";
import { SERVICE_NAMES } from "./contracts/index";
import { type Env, environmentFor } from "./lib/env";
import type { ServiceFactory } from "./lib/moleculer/service";
import { nodeSettings } from "./lib/moleculer/settings";

const folderOf = (name: string) => join(__dirname, "services", name);

/** The file that Moleculer loads. */
export const fileOf = (name: string): string => join(folderOf(name), `${name}.service`);

/** What the file exports; loads the whole service. */
export const factoryOf = (name: string): ServiceFactory =>
  (require(fileOf(name)) as { default: ServiceFactory }).default;

/** The settings that a service declares; loads nothing else of it. */
export const settingsOf = (name: string): TObject =>
  (require(join(folderOf(name), "settings")) as { settings: TObject }).settings;

/** What every process is told. */
export const everybodysSettings = nodeSettings(SERVICE_NAMES);

/** The names of all settings there are. */
export const settingNames = (): string[] => [
  ...new Set(
    [everybodysSettings, ...SERVICE_NAMES.map(settingsOf)].flatMap(({ properties }) => Object.keys(properties)),
  ),
];

/** The part of an environment that a process with these services needs; without services, what every program needs. */
export const environmentOf = (services: readonly string[], env: Env): Env =>
  environmentFor(services.length === 0 ? [] : [everybodysSettings, ...services.map(settingsOf)], env);

// What a process gives to the services that it hosts.
import type { AccessTokens } from "../access/access-tokens";
import type { Bus } from "./bus";
import type { Config } from "../config";
import type { Store } from "../store/store";

export interface Runtime {
  readonly config: Config;
  readonly bus: Bus;
  readonly access: AccessTokens;
  now(): Date;
  /** A new unique id such as `prd_6f1c…`. */
  newId(prefix: string): string;
  /** Opens the database of a service; see Store. @throws StartupError when it can't be had */
  openStore(service: string): Promise<Store>;
  /** A line for the person who started the process, shown once it is ready. */
  notice(line: string): void;
}

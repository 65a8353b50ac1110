// The shop as many processes: two of every service and of the gateway, over NATS and a store; all may be struck.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SERVICE_NAMES, type ServiceName } from "../../../contracts/index";
import { openStore } from "../../../lib/store/open-store";
import type { Store } from "../../../lib/store/store";
import { freePort } from "../../../scripts/cluster/nats-server";
import { environmentOf } from "../../../service-files";
import { eventually } from "../../helpers/eventually";
import { startNats } from "../../server-process";
import type { Fault } from "../faults/plan";
import { ShopProcess } from "./shop-process";
import { openStoreServer, type StoreKind, type StoreServer } from "./store-server";
import { ServerTarget, type Target } from "./target";
import { isReady, SETTINGS, type World } from "./world";

const INSTANCES = [1, 2] as const;
/** Starting a dozen processes takes its time on a busy machine. */
const READY_WITHIN_MS = 120_000;

const OWN_SETTINGS = { ...SETTINGS, STORE_TIMEOUT_MS: "3000", LOG_LEVEL: "warn", ENV_FILE: "none" };

/** Which services share a process: each has its own, or those do that are hardly ever at work at the same time. */
export const LAYOUTS = {
  each: SERVICE_NAMES.map(name => [name]),
  few: [["api"], ["users", "mail"], ["products", "payments"], ["orders"]],
} as const satisfies Record<string, readonly (readonly ServiceName[])[]>;
export type Layout = keyof typeof LAYOUTS;

export interface ProcessWorldOptions {
  readonly layout: Layout;
  readonly store: StoreKind;
  /** The mechanism that the processes go without. */
  readonly without?: string | undefined;
}

const nameOf = (services: readonly ServiceName[], instance: number) => `${services.join("-")}-${instance}`;

export class ProcessWorld implements World {
  private readonly shop: ShopProcess[] = [];
  readonly gateways: string[] = [];
  private env: Readonly<Record<string, string>> = {};

  private constructor(
    readonly folder: string,
    private readonly nats: ServerTarget,
    private readonly storeServer: StoreServer,
  ) {}

  /** Starts everything, and resolves when both gateways are ready. */
  static async start({ store, layout, without }: ProcessWorldOptions): Promise<ProcessWorld> {
    const folder = mkdtempSync(join(tmpdir(), "jangteo-guarantees-"));
    const nats = new ServerTarget("nats", port => startNats(port === undefined ? {} : { port }));
    const world = new ProcessWorld(folder, nats, await openStoreServer(store, folder));
    await nats.start();
    await world.startShop(LAYOUTS[layout], without);
    return world;
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  get targets(): Target[] {
    return [...this.shop, this.nats, ...(this.storeServer.target ? [this.storeServer.target] : [])];
  }

  get endedByThemselves(): { name: string; why: string }[] {
    return this.shop.flatMap(({ name, ends }) => ends.map(why => ({ name, why })));
  }

  async strike({ target: name, kind, forMs }: Fault): Promise<void> {
    const target = this.targets.find(one => one.name === name);
    if (!target) throw new Error(`There is no process ${name}.`);
    if (kind === "kill") await target.kill();
    else target.stop();
    await new Promise(done => setTimeout(done, forMs));
    if (kind === "kill") await target.start();
    else target.resume();
  }

  async whole(): Promise<void> {
    for (const target of this.targets) target.resume();
    await Promise.all(this.targets.map(target => target.start()));
    await eventually("every process is ready", () => this.shop.every(({ isReady: is }) => is), READY_WITHIN_MS);
    for (const address of this.gateways)
      await eventually(`${address} is ready`, () => isReady(address), READY_WITHIN_MS);
  }

  openStore(name: string): Promise<Store> {
    return openStore(name, this.env);
  }

  /** Ends the shop in order; its store stays, to be read. */
  async endShop(): Promise<void> {
    const isGateway = ({ name }: ShopProcess) => name.startsWith("api-");
    for (const group of [this.shop.filter(isGateway), this.shop.filter(one => !isGateway(one))])
      await Promise.all(group.map(process => process.end()));
  }

  async end(keep: boolean): Promise<void> {
    await this.endShop();
    await Promise.all([this.nats.end(), this.storeServer.end()]);
    if (!keep) rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  private async startShop(layout: readonly (readonly ServiceName[])[], without: string | undefined): Promise<void> {
    this.env = { ...OWN_SETTINGS, ...this.storeServer.env, NATS_URL: this.nats.url, DATA_DIR: this.dataDir };
    const preload = without === undefined ? [] : [resolve("dist", "test", "guarantees", "without", "preload.js")];
    for (const services of layout)
      for (const instance of INSTANCES)
        this.shop.push(
          new ShopProcess({
            name: nameOf(services, instance),
            env: { ...(await this.environmentFor(services, instance)), GUARANTEES_WITHOUT: without },
            folder: this.folder,
            preload,
          }),
        );
    await this.whole();
  }

  private async environmentFor(services: readonly ServiceName[], instance: number): Promise<NodeJS.ProcessEnv> {
    const isGateway = services.includes("api");
    const port = isGateway ? await freePort() : 0;
    if (isGateway) this.gateways.push(`http://127.0.0.1:${port}`);
    const own = { SERVICES: services.join(","), NODE_NAME: nameOf(services, instance), PORT: String(port) };
    return environmentOf(services, { ...environmentOf([], process.env), ...this.env, ...own });
  }
}

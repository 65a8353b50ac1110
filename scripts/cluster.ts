// The same six services as six processes over NATS on this machine: starts them, keeps them alive, stops them together.
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { withoutCredentials } from "../lib/addresses";
import { SERVICE_NAMES } from "../contracts/index";
import { type Env, readEnvironment, readSettings } from "../lib/env";
import { storeSettings } from "../lib/store/settings";
import { lockFolder } from "../lib/store/sqlite/folder-lock";
import { headline, invitation, natsNotice } from "./banner";
import type { ChildMessage } from "./cluster/child-message";
import { type ClusterFile, natsPidFile, removeClusterFile, writeClusterFile } from "./cluster/cluster-file";
import { die, onStopSignal } from "./command";
import { freePort, natsAnswers, natsCommand } from "./cluster/nats-server";
import { type InstanceOf, instancesIn } from "./cluster/scale";
import { Supervised } from "./cluster/supervised";
import { environmentOf, everybodysSettings, settingsOf } from "../service-files";
import { settings as gatewaySettings } from "../services/api/settings";

/** Of the terminal, for the services in the order of their list; again from the front when there are more. */
const COLOURS = [36, 35, 32, 33, 34, 94, 95, 92];
const GREY = 90;
const NATS = "nats";
const colourOf = (name: string): number => {
  const index = SERVICE_NAMES.findIndex(service => name === service || name.startsWith(`${service}-`));
  return COLOURS[index % COLOURS.length] ?? GREY;
};
const WIDTH = Math.max(...[...SERVICE_NAMES, NATS].map(name => name.length)) + "-2".length;

const print = (name: string, text: string) => {
  const label = name.padEnd(WIDTH);
  console.log(`${process.stdout.isTTY ? `\u001b[${colourOf(name)}m${label}\u001b[0m` : label} | ${text}`);
};

const isReady = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
};

class Cluster {
  private readonly startedAt = performance.now();
  private readonly children = new Map<string, Supervised>();
  private readonly notices: string[] = [];
  private readonly file: ClusterFile = { pid: process.pid, natsUrl: "", services: {} };
  private announced = false;

  constructor(
    private readonly dataDir: string,
    private readonly unlock: () => void,
  ) {}

  /** @param env all settings, of which each service gets its own only */
  async start(
    env: Env,
    nats: readonly string[] | undefined,
    port: number,
    instances: readonly InstanceOf[],
  ): Promise<void> {
    const servers = nats ?? [await this.startNats()];
    this.file.natsUrl = servers.map(withoutCredentials).join(",");
    writeClusterFile(this.dataDir, this.file);
    this.notices.push(natsNotice(this.file.natsUrl));
    // A gateway that is started again must be found where it was.
    const settings = {
      ...env,
      NATS_URL: servers.join(","),
      PORT: String(port || (await freePort())),
      DATA_DIR: this.dataDir,
      ENV_FILE: "none",
    };
    for (const { service, name } of instances) {
      // A name that survives a restart: then the successor takes its dead predecessor's place at once.
      const own = { SERVICES: service, NODE_NAME: `${name}-${hostname().replaceAll(".", "-")}-${process.pid}` };
      // A second gateway has its own door.
      const door = service === "api" && name !== service ? { PORT: String(await freePort()) } : {};
      this.startService(name, environmentOf([service], { ...settings, ...own, ...door }));
    }
  }

  /** Who takes requests from outside goes first, what everybody needs goes last. */
  async stop(): Promise<void> {
    const names = [...this.children.keys()].filter(name => name !== NATS);
    const isGateway = (name: string) => /^api(-\d)?$/.test(name);
    for (const group of [names.filter(isGateway), names.filter(name => !isGateway(name)), [NATS]])
      await Promise.all(group.map(async name => this.children.get(name)?.stop()));
    removeClusterFile(this.dataDir);
    this.unlock();
  }

  kill(): void {
    for (const child of this.children.values()) child.kill();
    removeClusterFile(this.dataDir);
  }

  private async startNats(): Promise<string> {
    const { command, port } = await natsCommand(natsPidFile(this.dataDir));
    const lines: string[] = [];
    const nats = new Supervised(command, { line: text => lines.push(text) });
    this.children.set(NATS, nats);
    nats.start();
    try {
      await natsAnswers(port);
    } catch (error) {
      for (const line of lines) print("nats", line);
      throw error;
    }
    return `nats://127.0.0.1:${port}`;
  }

  private startService(name: string, env: Env): void {
    const child = new Supervised(
      { name, file: process.execPath, args: [join(__dirname, "start.js")], env, stdin: "ipc" },
      {
        line: text => print(name, text),
        message: message => this.heard(name, message),
        spawned: pid => {
          this.file.services[name] = pid;
          writeClusterFile(this.dataDir, this.file);
        },
        givenUp: reason => {
          console.error(reason);
          this.stop().then(() => process.exit(1), die);
        },
      },
    );
    this.children.set(name, child);
    child.start();
  }

  private heard(name: string, message: ChildMessage): void {
    if (message.type !== "ready") return;
    this.notices.push(...message.notices);
    if (message.address === undefined) return;
    if (name !== "api") return print(name, `Another gateway: ${message.address}`);
    this.file.address = message.address;
    writeClusterFile(this.dataDir, this.file);
    this.announce(message.address).catch(die);
  }

  private async announce(address: string): Promise<void> {
    if (this.announced) return;
    this.announced = true;
    while (!(await isReady(address))) await setTimeout(50);
    console.log(headline(address, this.notices, performance.now() - this.startedAt));
    console.log(invitation(address));
  }
}

const main = async (): Promise<void> => {
  const instances = instancesIn(process.argv.slice(2));
  // Each child gets its own; one from the environment or from .env would only contradict.
  const env = { ...readEnvironment(), SERVICES: "", NODE_NAME: "" };
  const { NATS_URL: nats } = readSettings(everybodysSettings, env);
  const dataDir = resolve(readSettings(storeSettings, env).DATA_DIR);
  // A bad setting ends the start here, and not six times.
  for (const name of SERVICE_NAMES) readSettings(settingsOf(name), env);
  const { PORT: port } = readSettings(gatewaySettings, env);
  const cluster = new Cluster(dataDir, await lockFolder(dataDir));
  process.on("exit", () => cluster.kill());
  onStopSignal(() => void cluster.stop().then(() => process.exit(0), die));
  await cluster.start(env, nats, port, instances);
};

main().catch(die);

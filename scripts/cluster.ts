// The same six services as six processes over NATS on this machine: starts them, keeps them alive, stops them together.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadConfig, SERVICE_NAMES, type ServiceName } from "../lib/config";
import { lockFolder } from "../lib/store-lock";
import { StartupError } from "../lib/refusal";
import { banner } from "./banner";
import type { ChildMessage } from "./child-message";
import { type ClusterFile, removeClusterFile, runningCluster, writeClusterFile } from "./cluster-file";
import { findNatsServer, freePort, HOW_TO_GET_NATS } from "./nats-server";
import { Supervised } from "./supervised";

const COLOURS: Readonly<Record<string, number>> = { api: 36, users: 35, products: 32, orders: 33, payments: 34, mail: 90, nats: 37 };
const WIDTH = 8;

const print = (name: string, text: string) => {
  const label = name.padEnd(WIDTH);
  console.log(`${process.stdout.isTTY ? `\u001b[${COLOURS[name] ?? 37}m${label}\u001b[0m` : label} | ${text}`);
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
  private readonly children = new Map<ServiceName, Supervised>();
  private readonly notices: string[] = [];
  private nats: Supervised | undefined;
  private file: ClusterFile = { pid: process.pid, natsUrl: "", services: {} };
  private announced = false;
  private stopping = false;

  constructor(
    private readonly dataDir: string,
    private readonly unlock: () => Promise<void>,
  ) {}

  async start(natsUrl: string | undefined): Promise<void> {
    this.file.natsUrl = natsUrl ?? (await this.startNats());
    for (const name of SERVICE_NAMES) this.startService(name);
  }

  async stop(code: number): Promise<never> {
    if (!this.stopping) {
      this.stopping = true;
      const services = [...this.children].filter(([name]) => name !== "api").map(([, child]) => child);
      await this.children.get("api")?.stop();
      await Promise.all(services.map(child => child.stop()));
      await this.nats?.stop();
      removeClusterFile(this.dataDir);
      await this.unlock();
      process.exit(code);
    }
    return new Promise<never>(() => undefined);
  }

  private async startNats(): Promise<string> {
    const file = findNatsServer();
    if (!file) throw new StartupError(HOW_TO_GET_NATS);
    const port = await freePort();
    this.nats = new Supervised({ name: "nats", file, args: ["--addr", "127.0.0.1", "--port", String(port)], ipc: false }, { line: () => undefined, givenUp: () => undefined });
    this.nats.start();
    return `nats://127.0.0.1:${port}`;
  }

  private startService(name: ServiceName): void {
    const env = { ...process.env, SERVICES: name, NATS_URL: this.file.natsUrl };
    const child = new Supervised(
      { name, file: process.execPath, args: [join(__dirname, "start.js")], env, ipc: true },
      {
        line: print,
        message: message => this.heard(message),
        spawned: pid => {
          this.file.services[name] = pid;
          writeClusterFile(this.dataDir, this.file);
        },
        givenUp: reason => {
          console.error(reason);
          void this.stop(1);
        },
      },
    );
    this.children.set(name, child);
    child.start();
  }

  private heard(message: ChildMessage): void {
    if (message.type !== "ready") return;
    this.notices.push(...message.notices);
    if (message.address === undefined) return;
    this.file.address = message.address;
    writeClusterFile(this.dataDir, this.file);
    void this.announce(message.address);
  }

  private async announce(address: string): Promise<void> {
    while (!(await isReady(address))) await setTimeout(50);
    if (this.announced || this.stopping) return;
    this.announced = true;
    console.log(banner(address, this.notices, performance.now() - this.startedAt));
  }
}

const main = async (): Promise<void> => {
  const { SERVICES: _services, ...env } = process.env;
  process.env = env;
  const { dataDir, nats } = loadConfig();
  const running = runningCluster(dataDir);
  if (running) throw new StartupError(`A cluster is running on ${dataDir} already (process ${running.pid}): stop it, or set DATA_DIR to another folder.`);
  writeClusterFile(dataDir, { pid: process.pid, natsUrl: "", services: {} });
  const cluster = new Cluster(dataDir, await lockFolder(dataDir));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void cluster.stop(0));
  await cluster.start(nats?.join(","));
};

main().catch((error: unknown) => {
  console.error(error instanceof StartupError ? error.message : error);
  process.exit(1);
});

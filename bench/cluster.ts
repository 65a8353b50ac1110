// The shop as processes over NATS, as `npm run cluster` runs it, with as many instances of a service as are to be
// measured.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVICE_NAMES, type ServiceName } from "../contracts/index";
import type { ChildMessage } from "../scripts/cluster/child-message";
import { natsAnswers, natsCommand } from "../scripts/cluster/nats-server";
import { environmentOf } from "../service-files";

const MICROSECONDS_PER_TICK = 10_000;

/** CPU time of a process so far, in microseconds; NaN where there is no /proc. */
const cpuOf = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
  } catch {
    return Number.NaN;
  }
};

const startService = (name: ServiceName, number: number, settings: Readonly<Record<string, string>>) => {
  const own = { SERVICES: name, NODE_NAME: `${name}-${number}-${process.pid}` };
  const child = fork(join(__dirname, "..", "scripts", "start.js"), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: environmentOf([name], { ...settings, ...own }),
  });
  const address = new Promise<string | undefined>((resolve, reject) => {
    child.once("message", (message: ChildMessage) =>
      message.type === "ready" ? resolve(message.address) : reject(new Error(message.reason)),
    );
    child.once("exit", code => reject(new Error(`${name} ended with ${code}`)));
  });
  return { child, address };
};

const isReady = async (address: string): Promise<boolean> => (await fetch(`${address}/health/ready`)).ok;

export class Cluster {
  private constructor(
    private readonly processes: readonly ChildProcess[],
    private readonly dataDir: string,
    readonly port: number,
  ) {}

  /** @param instances of which service there are more than one */
  static async start(
    settings: Readonly<Record<string, string>>,
    instances: Partial<Record<ServiceName, number>> = {},
  ): Promise<Cluster> {
    const dataDir = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
    const { command, port } = await natsCommand(join(dataDir, "nats.pid"));
    const nats = spawn(command.file, command.args, { env: command.env, stdio: ["pipe", "ignore", "ignore"] });
    await natsAnswers(port);
    const common = {
      NATS_URL: `nats://127.0.0.1:${port}`,
      DATA_DIR: dataDir,
      PORT: "0",
      LOG_LEVEL: "error",
      ENV_FILE: "none",
    };
    const services = SERVICE_NAMES.flatMap(name =>
      Array.from({ length: instances[name] ?? 1 }, (_, index) => startService(name, index, { ...common, ...settings })),
    );
    const addresses = await Promise.all(services.map(({ address }) => address));
    const address = addresses.find(known => known !== undefined) ?? "";
    while (!(await isReady(address))) await new Promise(resolve => setTimeout(resolve, 50));
    return new Cluster([nats, ...services.map(({ child }) => child)], dataDir, Number(new URL(address).port));
  }

  /** CPU time of all processes so far, NATS included, in microseconds. */
  async cpu(): Promise<number> {
    const nats = Number(readFileSync(join(this.dataDir, "nats.pid"), "utf8"));
    const [, ...services] = this.processes;
    return [nats, ...services.map(({ pid = 0 }) => pid)].reduce((sum, pid) => sum + cpuOf(pid), 0);
  }

  stop(): void {
    const [nats, ...services] = this.processes;
    for (const service of services) service.kill("SIGKILL");
    // To the shell around it: the server ends with its input.
    nats?.stdin?.end("stop\n");
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

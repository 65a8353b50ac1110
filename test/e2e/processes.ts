// Starts the shop as a person does, as real processes, and ends them in every way a process can end.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { findNatsServer } from "../../scripts/cluster/nats-server";
import { temporaryFolder } from "../helpers/broker";
import { eventually } from "../helpers/eventually";

const READY_WITHIN = 90_000;
const ENDS_WITHIN = 25_000;

export interface Settings {
  /** Which command: everything in one process, a supervisor with six, or one that talks to either. */
  script?: "start" | "cluster" | "demo" | "repl";
  /** Another program instead. */
  file?: string;
  args?: readonly string[];
  /** What is typed into it. */
  input?: string;
  /** The node to run it with; by default the one that runs the tests. */
  node?: string;
  /** Settings; nothing is taken from the environment of the tests. */
  env?: Readonly<Record<string, string>>;
  /** The data of an earlier start, or an empty folder. */
  dataDir?: string;
}

export interface Ended {
  /** Null when a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  address: string;
  dataDir: string;
  pid: number;
  /** The password that the first start prints. */
  adminPassword: string | undefined;
  /** What it has printed so far. */
  output(): string;
  /** Sends a signal and resolves when the process has ended. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

interface ClusterFile {
  address: string;
  natsUrl: string;
  services: Record<string, number>;
}

// What is tested is what runs: the compiled program. Compiles only what has changed.
execFileSync(process.execPath, ["scripts/run.mjs", "build"], { stdio: ["ignore", "ignore", "inherit"] });

const alive = new Set<ChildProcess>();
const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const endChild = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (hasEnded(child)) return;
  const exit = once(child, "close");
  child.kill(signal);
  await exit;
};

afterAll(async () => {
  // A supervisor that is asked to stop takes its processes with it.
  await Promise.all([...alive].map(async child => endChild(child, "SIGTERM")));
}, 60_000);

const launch = ({
  script = "start",
  file = resolve("dist", "scripts", `${script}.js`),
  args = [],
  input,
  node = process.execPath,
  env = {},
  dataDir = temporaryFolder(),
}: Settings) => {
  const path = [dirname(resolve(findNatsServer() ?? "nats-server")), process.env.PATH].join(delimiter);
  const settings = {
    PATH: path,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    DATA_DIR: dataDir,
    PORT: "0",
    LOG_LEVEL: "warn",
    ...env,
  };
  // Another working directory: a developer's own .env must not decide what is tested.
  const child = spawn(node, [file, ...args], {
    env: settings,
    cwd: dataDir,
    stdio: "pipe",
  });
  child.stdin.end(input);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  alive.add(child);
  child.once("close", () => alive.delete(child));
  return { child, printed, dataDir };
};

/**
 * Runs a command to its end, such as a start that is to fail. It is killed, and the code is null, when it does not end
 * by itself.
 */
export const runToEnd = async (settings: Settings): Promise<Ended> => {
  const { child, printed } = launch(settings);
  const killer = AbortSignal.timeout(ENDS_WITHIN);
  killer.addEventListener("abort", () => child.kill("SIGKILL"));
  if (!hasEnded(child)) await once(child, "close");
  return { code: child.exitCode, ...printed };
};

/** Starts the shop and kills it, without warning, as soon as it has come so far. */
export const killWhen = async (settings: Settings, soFar: () => boolean): Promise<void> => {
  const { child } = launch(settings);
  while (!soFar() && !hasEnded(child)) await setImmediate();
  await endChild(child, "SIGKILL");
};

/** Whether the whole shop answers there. */
export const isReady = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
};

/** Starts the shop and resolves when it is ready. */
export const startShop = async (settings: Settings = {}): Promise<Running> => {
  const { child, printed, dataDir } = launch(settings);
  let address = "";
  await eventually(`the shop is open\n${printed.stdout}${printed.stderr}`, () => {
    address = /Jangteo is open at (\S+)/.exec(printed.stdout)?.[1] ?? "";
    if (hasEnded(child)) throw new Error(`The shop ended at its start: ${printed.stdout}${printed.stderr}`);
    return address !== "";
  });
  await eventually("the shop is ready", () => isReady(address));
  return {
    address,
    dataDir,
    pid: child.pid ?? 0,
    adminPassword: /password: (\S+)/.exec(printed.stdout)?.[1],
    output: () => printed.stdout + printed.stderr,
    async end(signal) {
      await endChild(child, signal);
      return { code: child.exitCode, ...printed };
    },
  };
};

export interface Process {
  pid: number;
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Whether it has said that its services are up. */
  isReady(): boolean;
  /** Resolves when it has ended, by itself or by a signal that was sent. */
  ended: Promise<Ended>;
}

/** Starts one process of a system that others are part of. It is killed when it runs for longer than any test needs. */
export const startProcess = (settings: Settings): Process => {
  const { child, printed } = launch(settings);
  const killer = AbortSignal.timeout(READY_WITHIN + ENDS_WITHIN);
  killer.addEventListener("abort", () => child.kill("SIGKILL"));
  return {
    pid: child.pid ?? 0,
    output: () => printed.stdout + printed.stderr,
    signal: signal => void child.kill(signal),
    isReady: () => printed.stdout.includes("Ready."),
    ended: once(child, "close").then(() => ({ code: child.exitCode, ...printed })),
  };
};

/** What a running cluster says of itself; read anew each time, as processes come and go. */
export const clusterOf = (dataDir: string): ClusterFile =>
  JSON.parse(readFileSync(join(dataDir, "cluster.json"), "utf8")) as ClusterFile;

// One child process that is kept alive: restarted when it dies, its lines prefixed with its name, stopped on demand.
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ChildMessage } from "./child-message";

const RESTART_AFTER = 200;
const MAX_RESTART_AFTER = 8000;
/** Milliseconds after which a start counts as a good one. */
const LIVED_LONG = 10_000;
const MAX_REFUSALS = 5;

export interface Command {
  name: string;
  file: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Whether the child is a Node process of ours, which talks over IPC and ends when the supervisor is gone. */
  ipc: boolean;
}

export interface Hooks {
  line(name: string, text: string): void;
  message?(message: ChildMessage): void;
  /** Called with every new process id. */
  spawned?(pid: number): void;
  /** The child refused to start several times, always for this reason. */
  givenUp(reason: string): void;
}

export class Supervised {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private quickDeaths = 0;
  private refusals = 0;
  private stopping = false;

  constructor(
    private readonly command: Command,
    private readonly hooks: Hooks,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { name, file, args, env, ipc } = this.command;
    const stdio: SpawnOptions["stdio"] = ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])];
    const startedAt = Date.now();
    // A group of its own: Ctrl-C reaches the supervisor only, which then stops its children in order.
    const child = spawn(file, args, { env: env ?? process.env, stdio, detached: true });
    this.child = child;
    let refusal: string | undefined;
    for (const stream of [child.stdout, child.stderr]) this.relay(stream);
    child.on("message", (message: ChildMessage) => {
      if (message.type === "refused") refusal = message.reason;
      if (message.type === "ready") this.refusals = 0;
      this.hooks.message?.(message);
    });
    child.on("error", error => this.hooks.line(name, error.message));
    child.on("exit", (code, signal) => this.exited(code, signal, refusal, Date.now() - startedAt));
    if (child.pid !== undefined) this.hooks.spawned?.(child.pid);
  }

  /** Asks the child to stop; resolves when it is gone. It is killed when that takes longer than `limit` milliseconds. */
  async stop(limit = 12_000): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>(resolve => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), limit);
    await gone;
    clearTimeout(killer);
  }

  private relay(stream: Readable | null): void {
    if (stream) createInterface({ input: stream }).on("line", text => this.hooks.line(this.command.name, text));
  }

  private exited(code: number | null, signal: NodeJS.Signals | null, refusal: string | undefined, lived: number): void {
    if (this.stopping) return;
    this.refusals = refusal === undefined ? 0 : this.refusals + 1;
    if (refusal !== undefined && this.refusals >= MAX_REFUSALS) return this.hooks.givenUp(refusal);
    this.quickDeaths = lived < LIVED_LONG ? this.quickDeaths + 1 : 0;
    const wait = Math.min(RESTART_AFTER * 2 ** Math.max(0, this.quickDeaths - 2), MAX_RESTART_AFTER);
    this.hooks.line(this.command.name, `${refusal ?? `died (${signal ?? `exit code ${code}`})`} – starting it again in ${wait / 1000} s`);
    this.timer = setTimeout(() => this.start(), wait);
  }
}

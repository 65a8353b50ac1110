// One child process that is kept alive: restarted when it dies, its lines passed on, stopped on demand.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ChildMessage } from "./child-message";

/** Milliseconds until a dead child is started again; doubled with every death in quick succession. */
const RESTART_AFTER = 500;
const MAX_RESTART_AFTER = 8000;
/** Milliseconds after which a life counts as a good one. */
const LIVED_WELL = 5000;
const MAX_REFUSALS = 5;

export interface Command {
  name: string;
  file: string;
  args: readonly string[];
  /** Its whole environment: what it must not know is not in there. */
  env: NodeJS.ProcessEnv;
  /**
   * How the child learns that its supervisor is gone: our own processes by the IPC channel, others by their input: a
   * line, or its end.
   */
  stdin: "ipc" | "pipe";
}

export interface Hooks {
  line(text: string): void;
  message?(message: ChildMessage): void;
  /** Called with every new process id. */
  spawned?(pid: number): void;
  /** The child has refused to start several times in a row, for this reason. */
  givenUp?(reason: string): void;
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

  start(): void {
    const { file, args, env, stdin } = this.command;
    const startedAt = performance.now();
    // A group of its own: Ctrl-C reaches the supervisor only, which then stops its children in order.
    const child = spawn(file, args, {
      env,
      stdio: stdin === "ipc" ? ["ignore", "pipe", "pipe", "ipc"] : ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.child = child;
    let refusal: string | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", text => this.hooks.line(text));
    }
    child.on("message", (message: ChildMessage) => {
      if (message.type === "refused") refusal = message.reason;
      else this.refusals = 0;
      this.hooks.message?.(message);
    });
    child.on("error", error => this.hooks.line(error.message));
    child.on("exit", (code, signal) =>
      this.exited(refusal, `died (${signal ?? `exit code ${code}`})`, performance.now() - startedAt),
    );
    if (child.pid !== undefined) this.hooks.spawned?.(child.pid);
  }

  /**
   * Asks the child to stop; resolves when it is gone. It is killed when that takes longer than `limit` milliseconds.
   */
  async stop(limit = 16_000): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise(resolve => child.once("exit", resolve));
    if (this.command.stdin === "ipc") child.kill("SIGTERM");
    else child.stdin?.end("stop\n");
    const killer = setTimeout(() => this.kill(), limit);
    await gone;
    clearTimeout(killer);
  }

  /** Ends the child at once. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.timer);
    if (this.command.stdin === "pipe") this.child?.stdin?.end("stop\n");
    else this.child?.kill("SIGKILL");
  }

  private exited(refusal: string | undefined, how: string, lived: number): void {
    if (this.stopping) return;
    this.refusals = refusal === undefined ? 0 : this.refusals + 1;
    if (refusal !== undefined && this.refusals >= MAX_REFUSALS) return this.hooks.givenUp?.(refusal);
    this.quickDeaths = lived < LIVED_WELL ? this.quickDeaths + 1 : 0;
    const wait = Math.min(RESTART_AFTER * 2 ** this.quickDeaths, MAX_RESTART_AFTER);
    this.hooks.line(`${refusal ?? how} - starting it again in ${wait / 1000} s`);
    this.timer = setTimeout(() => this.start(), wait);
  }
}

// One process of the shop, as the cluster starts it: it says when it is ready, and comes back when it dies by itself.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ChildMessage } from "../../../scripts/cluster/child-message";
import { endWithThisProcess } from "../../server-process";
import type { Target } from "./target";

const RESTART_AFTER_MS = 500;
/** Longer than it takes a process to stop in order. */
const ENDS_WITHIN_MS = 20_000;

export interface ShopProcessOptions {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  /** Working directory; its output goes to `‹name›.log` there. */
  readonly folder: string;
  /** Modules that are loaded before the program. */
  readonly preload: readonly string[];
}

export class ShopProcess implements Target {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ready = false;
  private isEnding = false;
  /** Why it has ended without being told to, each time. */
  readonly ends: string[] = [];

  constructor(private readonly options: ShopProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Whether its services are up, as far as it has said. */
  get isReady(): boolean {
    return this.ready;
  }

  async start(): Promise<void> {
    clearTimeout(this.timer);
    if (this.child || this.isEnding) return;
    const { name, env, folder, preload } = this.options;
    const log = openSync(join(folder, `${name}.log`), "a");
    const modules = preload.flatMap(file => ["--require", file]);
    const child = spawn(process.execPath, [...modules, resolve("dist", "scripts", "start.js")], {
      env,
      cwd: folder,
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    this.child = child;
    let refusal: string | undefined;
    // The end of the channel ends it, unless it is stopped.
    if (child.pid !== undefined) endWithThisProcess(child);
    child.on("message", (message: ChildMessage) => {
      if (message.type === "ready") this.ready = true;
      else refusal = message.reason;
    });
    child.once("exit", (code, signal) => {
      if (this.child !== child) return;
      this.forget();
      this.ends.push(refusal ?? `${signal ?? `exit code ${code}`}, see ${name}.log`);
      this.timer = setTimeout(() => void this.start(), RESTART_AFTER_MS);
    });
  }

  async kill(): Promise<void> {
    clearTimeout(this.timer);
    const { child } = this;
    this.forget();
    if (child && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
  }

  stop(): void {
    this.child?.kill("SIGSTOP");
  }

  resume(): void {
    this.child?.kill("SIGCONT");
  }

  /** SIGTERM; killed when it does not end. */
  async end(): Promise<void> {
    this.isEnding = true;
    clearTimeout(this.timer);
    const { child } = this;
    this.forget();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    const impatience = setTimeout(() => child.kill("SIGKILL"), ENDS_WITHIN_MS);
    await exit;
    clearTimeout(impatience);
  }

  private forget(): void {
    this.child = undefined;
    this.ready = false;
  }
}

// A server under test in a process of its own, which also tells how much CPU it has used.
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";

/** What a server tells its parent: where it listens, then, whenever asked, its CPU time in microseconds and its memory
 * in bytes. */
export type FromChild = { port: number } | { cpu: number; rss: number };

/** Called in the child: says where it listens and answers questions about CPU time. */
export const serveParent = (port: number): void => {
  const tell = (message: FromChild) => process.send?.(message);
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    tell({ cpu: user + system, rss: process.memoryUsage.rss() });
  });
  process.on("disconnect", () => process.exit(0));
  tell({ port });
};

export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts `bench/servers/<name>`, or the program at an absolute path; its arguments are the child's. */
  static async start(name: string, args: readonly string[] = []): Promise<Server> {
    const child = fork(path.resolve(__dirname, "servers", name), [...args], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const first = await new Promise<FromChild>((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", code => reject(new Error(`The server "${name}" ended with ${code}`)));
    });
    if (!("port" in first)) throw new Error(`The server "${name}" did not say where it listens`);
    return new Server(child, first.port);
  }

  /** CPU time used so far by all threads of the process, in microseconds. */
  async cpu(): Promise<number> {
    return (await this.usage()).cpu;
  }

  /** Memory that all of the process has in RAM, in bytes. */
  async rss(): Promise<number> {
    return (await this.usage()).rss;
  }

  stop(): void {
    this.process.kill("SIGKILL");
  }

  /** As stop; resolves when it has ended. */
  end(): Promise<void> {
    return new Promise(resolve => {
      this.process.once("exit", () => resolve());
      this.stop();
    });
  }

  private usage(): Promise<{ cpu: number; rss: number }> {
    return new Promise((resolve, reject) => {
      this.process.once("message", (message: FromChild) =>
        "cpu" in message ? resolve(message) : reject(new Error("The server answered something else")),
      );
      this.process.send("usage");
    });
  }
}

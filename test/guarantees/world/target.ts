// What a fault can strike: a process that is killed and comes back, or stops for a while.
import type { ServerProcess } from "../../server-process";

export interface Target {
  readonly name: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, if it is not running. */
  start(): Promise<void>;
  /** SIGSTOP. */
  stop(): void;
  /** SIGCONT. */
  resume(): void;
}

/** NATS, or the database: it comes back where it was. */
export class ServerTarget implements Target {
  private server: ServerProcess | undefined;

  constructor(
    readonly name: string,
    private readonly open: (port: number | undefined) => Promise<ServerProcess>,
  ) {}

  /** The address, which stays the same. Only once it has been started. */
  url = "";
  private port: number | undefined;

  async start(): Promise<void> {
    if (this.server) return;
    this.server = await this.open(this.port);
    ({ url: this.url, port: this.port } = this.server);
  }

  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await server?.kill9();
  }

  stop(): void {
    this.server?.pause();
  }

  resume(): void {
    this.server?.resume();
  }

  async end(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }
}

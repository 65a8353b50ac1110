// Hashes and checks passwords in worker threads, at the same cost whether the account exists or not.
import { join } from "node:path";
import { Piscina } from "piscina";
import { Refusal } from "../../lib/refusal";

/** How many may wait for a thread: at 70 ms each, the last of them is served within a client's patience. */
const QUEUE_PER_THREAD = 40;

export class Passwords {
  private pool: Piscina | undefined;
  private decoy: Promise<string> | undefined;

  /** @param threads how many passwords are worked on at a time */
  constructor(private readonly threads: number) {}

  /** @throws Refusal SERVICE_UNAVAILABLE when too many are waiting */
  async hash(password: string): Promise<string> {
    return (await this.run({ password })) as string;
  }

  /**
   * Whether the password belongs to the hash. Without a hash the answer is no, after the same work.
   * @throws Refusal SERVICE_UNAVAILABLE when too many are waiting
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const matches = await this.run({ password, hash: hash ?? (await this.decoyHash()) });
    return hash !== undefined && matches === true;
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private decoyHash(): Promise<string> {
    return (this.decoy ??= this.hash("no account has this password"));
  }

  private async run(task: { password: string; hash?: string }): Promise<unknown> {
    this.pool ??= new Piscina({ filename: join(__dirname, "password-worker.js"), minThreads: 0, maxThreads: this.threads, idleTimeout: 30_000, maxQueue: this.threads * QUEUE_PER_THREAD });
    try {
      return await this.pool.run(task);
    } catch (error) {
      if (error instanceof Error && error.message === "Task queue is at limit") throw new Refusal("SERVICE_UNAVAILABLE");
      throw error;
    }
  }
}

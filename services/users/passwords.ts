// Hashes and checks passwords in worker threads, at the same cost whether the account exists or not.
import { join } from "node:path";
import { Piscina } from "piscina";
import { Refusal } from "../../lib/refusal";

/** How many may wait for a thread: at 70 ms each, the last of them is served within a client's patience. */
const QUEUE_PER_THREAD = 40;

export class Passwords {
  private pool: Piscina | undefined;

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
    return (await this.run({ password, hash: hash ?? null })) as boolean;
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private async run(task: { password: string; hash?: string | null }): Promise<unknown> {
    // Started by the first password: a process that never sees one has no threads.
    this.pool ??= new Piscina({ filename: join(__dirname, "password-worker.js"), minThreads: 0, maxThreads: this.threads, idleTimeout: 30_000 });
    if (this.pool.queueSize >= this.threads * QUEUE_PER_THREAD) throw new Refusal("SERVICE_UNAVAILABLE");
    return this.pool.run(task);
  }
}

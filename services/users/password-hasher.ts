// Hashes and checks passwords in worker threads, at the same cost whether the account exists or not.
import { join } from "node:path";
import { Piscina } from "piscina";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { Turns } from "../../lib/turns";

/** How long a hash takes, until some were measured. */
const EXPECTED_HASH_MS = 100;
/** How long a person waits for a sign-in, whatever time the request has. */
const MAX_WAIT_MS = 4000;

const nobody = (): Caller => ({ timeLeft: () => Number.POSITIVE_INFINITY, signal: new AbortController().signal });

interface Task {
  password: string;
  hash?: string | null;
}

export class PasswordHasher {
  private pool: Piscina | undefined;
  private readonly turns: Turns;

  /** @param threads how many passwords are worked on at a time */
  constructor(private readonly threads: number) {
    this.turns = new Turns(threads, EXPECTED_HASH_MS, MAX_WAIT_MS);
  }

  /**
   * @throws Refusal SERVICE_UNAVAILABLE at once when too many are waiting to do it in time, and when its caller leaves
   * before its turn
   */
  async hash(password: string, caller = nobody()): Promise<string> {
    return (await this.run({ password }, caller)) as string;
  }

  /**
   * Whether the password belongs to the hash. Without a hash the answer is no, after the same work.
   * @throws Refusal SERVICE_UNAVAILABLE as hash does
   */
  async matches(password: string, hash: string | undefined, caller = nobody()): Promise<boolean> {
    return (await this.run({ password, hash: hash ?? null }, caller)) as boolean;
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private run(task: Task, caller: Caller): Promise<unknown> {
    // Started by the first password: a process that never sees one has no threads.
    const pool = (this.pool ??= new Piscina({
      filename: join(__dirname, "password-worker.js"),
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: 30_000,
    }));
    // Not Piscina's own queue: what is taken out of it while it runs takes its thread with it.
    return this.turns.take(() => pool.run(task), caller);
  }
}

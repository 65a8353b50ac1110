// Writes of many requests in one transaction: who waits while one commit goes to disk is in the next one.
import { type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Db } from "./database";

/** What a database can be asked to do, by name; each decides by reading before it writes, so that it may throw. */
export type Operations = Readonly<Record<string, (...args: never[]) => unknown>>;

type Job = readonly [number: number, operation: string, args: readonly unknown[]];
type Outcome = readonly [number: number, result: unknown, error?: string];

/** In the thread that has the database. */
export const serveWrites = (port: MessagePort, db: Db, operations: Operations): void => {
  const [begin, commit, rollback] = ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].map(sql => db.prepare(sql));
  const perform = ([number, name, args]: Job): Outcome => {
    const operation = operations[name] as ((...args: readonly unknown[]) => unknown) | undefined;
    return [number, operation?.(...args)];
  };
  const together = (jobs: readonly Job[]): readonly Outcome[] => {
    try {
      begin?.run();
      const outcomes = jobs.map(perform);
      commit?.run();
      return outcomes;
    } catch (error) {
      if (db.inTransaction) rollback?.run();
      return jobs.map(([number]) => [number, undefined, String(error)]);
    }
  };
  port.on("message", (first: readonly Job[]) => {
    const jobs = [...first];
    for (let more; (more = receiveMessageOnPort(port));) jobs.push(...(more.message as readonly Job[]));
    port.postMessage(together(jobs));
  });
};

/** In the thread that serves requests: what one turn of its loop wants written goes over in one message. */
export class Writer<O extends Operations> {
  private readonly waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  private jobs: Job[] = [];
  private last = 0;

  constructor(private readonly worker: Worker) {
    worker.on("message", (outcomes: readonly Outcome[]) => {
      for (const [number, result, error] of outcomes) {
        const asker = this.waiting.get(number);
        this.waiting.delete(number);
        if (error === undefined) asker?.resolve(result);
        else asker?.reject(new Error(error));
      }
    });
    worker.on("error", error => {
      throw error;
    });
  }

  /** Resolves when the commit is on disk. */
  run<N extends keyof O & string>(name: N, ...args: Parameters<O[N]>): Promise<ReturnType<O[N]>> {
    return new Promise((resolve, reject) => {
      const number = (this.last += 1);
      this.waiting.set(number, { resolve: resolve as (result: unknown) => void, reject });
      if (this.jobs.push([number, name, args]) === 1) setImmediate(() => this.send());
    });
  }

  private send(): void {
    const { jobs } = this;
    this.jobs = [];
    this.worker.postMessage(jobs);
  }
}

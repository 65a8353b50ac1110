// The one thread of a process that writes to its SQLite files, started with the first of them and ended with the last.
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Outcome, Reply, Request, Unit } from "./protocol";

/** What the thread, or SQLite in it, answers instead of outcomes. */
export class WriteFailed extends Error {
  override readonly name = "WriteFailed";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  resolve(outcomes: readonly Outcome[]): void;
  reject(error: WriteFailed): void;
}
type Asked =
  | { readonly open: { readonly synchronous: string } }
  | { readonly units: readonly Unit[]; readonly timeoutMs: number }
  | { readonly close: true };

export class WriterThread {
  private static current: WriterThread | undefined;
  private readonly worker = new Worker(join(__dirname, "writer.js"));
  private readonly waiting = new Map<number, Waiting>();
  private files = 0;
  private last = 0;

  private constructor() {
    this.worker.on("message", (reply: Reply) => this.settle(reply));
    this.worker.on("error", error => this.end(`The thread that writes has ended: ${error.message}`));
    this.worker.unref();
  }

  /** To be called once per file, before it is opened. */
  static acquire(): WriterThread {
    const thread = (WriterThread.current ??= new WriterThread());
    thread.files += 1;
    return thread;
  }

  /** To be called once per `acquire`. */
  async release(): Promise<void> {
    this.files -= 1;
    if (this.files > 0) return;
    if (WriterThread.current === this) WriterThread.current = undefined;
    await this.worker.terminate();
    this.end("The thread that writes has ended.");
  }

  /** @throws WriteFailed */
  ask(file: string, asked: Asked): Promise<readonly Outcome[]> {
    const id = (this.last += 1);
    const answer = new Promise<readonly Outcome[]>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.hold();
    const request: Request = { file, id, ...asked };
    this.worker.postMessage(request, []);
    return answer;
  }

  private settle({ id, outcomes, error }: Reply): void {
    const one = this.waiting.get(id);
    this.waiting.delete(id);
    this.hold();
    if (error) one?.reject(new WriteFailed(error.code, error.message));
    else one?.resolve(outcomes ?? []);
  }

  /** A process does not end while something is being written; one that only could write may. */
  private hold(): void {
    if (this.waiting.size > 0) this.worker.ref();
    else this.worker.unref();
  }

  private end(message: string): void {
    if (WriterThread.current === this) WriterThread.current = undefined;
    for (const { reject } of this.waiting.values()) reject(new WriteFailed("ENDED", message));
    this.waiting.clear();
  }
}

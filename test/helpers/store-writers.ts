// A process that writes to a folder's store until it is killed, and tells what was acknowledged to it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const LANES = 4;

/**
 * Each of its lanes appends to a stream of its own, each commit with an id that follows from stream and version, and
 * counts in a document. After a start it begins with the commit that may have been in doubt.
 */
const PROGRAM = `
  const { writeSync } = require("node:fs");
  const { openSqliteStore } = require("./dist/lib/store/sqlite/sqlite-store.js");
  const [, folder, name] = process.argv;
  const timestamp = "2026-01-01T00:00:00.000Z";
  (async () => {
    const store = await openSqliteStore(folder, { timeoutMs: 10_000, synchronous: "full" });
    const log = await store.log();
    const items = await store.collection("items", { indexes: [{ fields: ["writes"] }] });
    const lane = async stream => {
      if (!(await items.get(stream))) await items.insert({ _id: stream, writes: 0 });
      for (let version = Math.max(1, (await log.tip(stream))?.version ?? 0); ; version += 1) {
        const id = stream + ":" + version;
        writeSync(1, "try " + id + "\\n");
        const before = version > 1 ? [{ stream, version: version - 1 }] : [];
        const event = { id, type: "Counted", aggregateId: stream, version, data: {}, timestamp };
        const { position } = await log.append({ id, events: [event], before });
        writeSync(1, "ack " + id + " " + position + "\\n");
        await items.update({ _id: stream }, { $set: { writes: version } });
        writeSync(1, "doc " + id + "\\n");
      }
    };
    await Promise.all(Array.from({ length: ${LANES} }, (_, n) => lane(name + n)));
  })().catch(error => (console.error(error), process.exit(1)));
`;

export interface Told {
  /** The ids of commits that were begun. */
  readonly tried: ReadonlySet<string>;
  /** Ids of commits that were acknowledged, with their positions. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** The last write that was acknowledged, by document. */
  readonly documents: ReadonlyMap<string, number>;
}

const versionIn = (id: string) => Number(id.split(":")[1]);

const toldIn = (path: string): Told => {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map(line => line.split(" "));
  const of = (kind: string) => lines.filter(([what]) => what === kind);
  return {
    tried: new Set(of("try").map(([, id = ""]) => id)),
    acknowledged: new Map(of("ack").map(([, id = "", position]) => [id, Number(position)])),
    documents: new Map(of("doc").map(([, id = ""]) => [id.split(":")[0] ?? "", versionIn(id)])),
  };
};

export class Writer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly path: string,
  ) {}

  /** Starts one; resolves when its first commit was acknowledged. `path`: a file for what it tells. */
  static async start(folder: string, name: string, path: string): Promise<Writer> {
    writeFileSync(path, "");
    // A file, not a pipe: what it told is there in full when it is killed.
    const output = openSync(path, "a");
    const writer = new Writer(
      spawn(process.execPath, ["-e", PROGRAM, folder, name], { stdio: ["ignore", output, "inherit"] }),
      path,
    );
    closeSync(output);
    while (!writer.hasBegun()) await sleep(5);
    return writer;
  }

  private hasBegun(): boolean {
    return this.progress() > 0 && this.told().acknowledged.size > 0;
  }

  told(): Told {
    return toldIn(this.path);
  }

  /** A number that grows with each thing that it tells. @throws Error when it has ended by itself */
  progress(): number {
    if (this.process.exitCode !== null) throw new Error("The writer has ended.");
    return statSync(this.path).size;
  }

  async kill(): Promise<Told> {
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
    return this.told();
  }
}

// Data folders that are made before something is measured on them, and kept for the next time if somebody says where.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredEvent } from "../lib/store/log";

/** How a store is opened to be filled: nobody waits for it, and a power cut costs a new start. */
export const BULK = { timeoutMs: 3_600_000, synchronous: "normal" } as const;

export const eventOf = (
  stream: string,
  version: number,
  type: string,
  data: unknown,
  timestamp: string,
): StoredEvent => ({ id: `${stream}-${version}`, type, aggregateId: stream, version, data, timestamp });

/** Where seeded data is kept: the setting's folder, where it stays, or a new one that is gone with this process. */
const root = (): string => {
  const { BENCH_DATA } = process.env;
  if (BENCH_DATA) return BENCH_DATA;
  const folder = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
let known: string | undefined;

/** A data folder with this name, which `seed` has filled, now or in an earlier run. */
export const seeded = async (name: string, seed: (dataDir: string) => Promise<void>): Promise<string> => {
  const folder = join((known ??= root()), name);
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  await seed(part);
  renameSync(part, folder);
  return folder;
};

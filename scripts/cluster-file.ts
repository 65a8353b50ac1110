// Where a running cluster says how to reach it: DATA_DIR/cluster.json, for the REPL and for people.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ClusterFile {
  /** The supervisor's process id. */
  pid: number;
  natsUrl: string;
  /** The gateway's address, once it is known. */
  address?: string;
  /** Service name → process id. */
  services: Record<string, number>;
}

const pathOf = (dataDir: string) => join(dataDir, "cluster.json");

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error && error.code === "EPERM";
  }
};

/** The running cluster of a data folder; undefined when there is none (a file that a killed supervisor left does not count). */
export const runningCluster = (dataDir: string): ClusterFile | undefined => {
  try {
    const file = JSON.parse(readFileSync(pathOf(dataDir), "utf8")) as ClusterFile;
    return isAlive(file.pid) ? file : undefined;
  } catch {
    return undefined;
  }
};

export const writeClusterFile = (dataDir: string, file: ClusterFile): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${pathOf(dataDir)}.part`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${pathOf(dataDir)}.part`, pathOf(dataDir));
};

export const removeClusterFile = (dataDir: string): void => rmSync(pathOf(dataDir), { force: true });

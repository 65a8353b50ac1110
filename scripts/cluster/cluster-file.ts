// Where a running cluster says how to reach it: DATA_DIR/cluster.json, for the REPL, the demo and people.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../../lib/errors";

export interface ClusterFile {
  /** The supervisor's process id. */
  pid: number;
  /** Where NATS is; without name and password, which whoever joins must know himself. */
  natsUrl: string;
  /** The gateway's address, once it is known. */
  address?: string;
  /** Service name → process id. */
  services: Record<string, number>;
}

const pathIn = (dataDir: string) => join(dataDir, "cluster.json");

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
};

/** The running cluster of a data folder. What a killed supervisor left behind does not count. */
export const runningCluster = (dataDir: string): ClusterFile | undefined => {
  try {
    const file = JSON.parse(readFileSync(pathIn(dataDir), "utf8")) as ClusterFile;
    return isAlive(file.pid) ? file : undefined;
  } catch {
    return undefined;
  }
};

/** Replaces the file in one step: a reader sees the old one or the new one. */
export const writeClusterFile = (dataDir: string, file: ClusterFile): void => {
  const path = pathIn(dataDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** Where nats-server writes its process id. */
export const natsPidFile = (dataDir: string): string => join(dataDir, "nats.pid");

export const removeClusterFile = (dataDir: string): void => {
  for (const path of [pathIn(dataDir), natsPidFile(dataDir)]) rmSync(path, { force: true });
};

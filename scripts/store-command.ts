// What `npm run store` does with the files under DATA_DIR: carries earlier ones over, checks them, copies them.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SERVICE_NAMES } from "../contracts/index";
import { type Env, readSettings } from "../lib/env";
import { StartupError } from "../lib/errors";
import { copyFile } from "../lib/store/sqlite/backup";
import { checkFile } from "../lib/store/sqlite/check";
import { upgradeFolder } from "../lib/store/sqlite/upgrade";
import { storeSettings } from "../lib/store/settings";
import { factoryOf } from "../service-files";

const USAGE = `npm run store -- upgrade
    carries the files of the first release over to SQLite; the shop is stopped
npm run store -- check
    looks for damage in every file
npm run store -- backup <folder>
    copies everything under DATA_DIR to a new folder, which takes its place when it is needed`;

/** Of the first release; it kept them under these names, which their generations still begin with. */
const readModels = () => SERVICE_NAMES.map(factoryOf).flatMap(({ readModel }) => (readModel ? [readModel.name] : []));

const folderOf = (env: Env): string => {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir } = readSettings(storeSettings, env);
  if (mongoUrl) throw new StartupError("With MONGO_URL the data are on MongoDB: use its own tools.");
  if (!existsSync(dataDir))
    throw new StartupError(`${resolve(dataDir)} does not exist: set DATA_DIR to the shop's folder.`);
  return resolve(dataDir);
};

const foldersIn = async (dataDir: string): Promise<string[]> =>
  (await readdir(dataDir, { withFileTypes: true })).filter(one => one.isDirectory()).map(({ name }) => name);

const sqliteIn = (dataDir: string, service: string) => join(dataDir, service, `${service}.sqlite`);

const upgrade = async (dataDir: string): Promise<string> => {
  const said: string[] = [];
  for (const name of await foldersIn(dataDir)) {
    const line = await upgradeFolder(join(dataDir, name), readModels());
    if (line !== undefined) said.push(line);
  }
  return said.length > 0 ? said.join("\n") : `${dataDir} has no data of an earlier release.`;
};

const stored = async (dataDir: string): Promise<string[]> => {
  const names = (await foldersIn(dataDir)).filter(name => existsSync(sqliteIn(dataDir, name)));
  if (names.length === 0) throw new StartupError(`${dataDir} has no data in it: set DATA_DIR to the shop's folder.`);
  return names;
};

const check = async (dataDir: string): Promise<string> => {
  const names = await stored(dataDir);
  let isDamaged = false;
  const lines = names.flatMap(name => {
    const { commits, documents, troubles } = checkFile(sqliteIn(dataDir, name));
    if (troubles.length === 0) return [`${name}: ${commits} commits and ${documents} documents, all as written.`];
    isDamaged = true;
    return [`${name}: ${sqliteIn(dataDir, name)} is damaged.`, ...troubles.map(trouble => `  ${trouble}`)];
  });
  if (isDamaged)
    throw new StartupError(
      [...lines, "Restore the damaged folders from a backup: npm run feeds shows who followed them."].join("\n"),
    );
  return lines.join("\n");
};

/** Those that follow others first: none of them is ahead of what it follows. */
const followersFirst = (names: readonly string[]): string[] => {
  const following = SERVICE_NAMES.map(factoryOf).filter(({ follows }) => follows.length > 0);
  const isFollower = (name: string) => following.some(({ serviceName }) => serviceName === name);
  return [...names.filter(isFollower), ...names.filter(name => !isFollower(name))];
};

const backup = async (dataDir: string, target: string): Promise<string> => {
  const names = followersFirst(await stored(dataDir));
  const folder = resolve(target);
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new StartupError(`${folder} is not empty: a backup goes to a folder of its own.`);
  if (`${folder}/`.startsWith(`${dataDir}/`)) throw new StartupError(`${folder} is inside of ${dataDir}.`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of names) {
    await mkdir(join(folder, name), { mode: 0o700 });
    copyFile(sqliteIn(dataDir, name), sqliteIn(folder, name));
  }
  const isOther = (path: string) => !/\.(sqlite(-wal|-shm|-journal)?|sock)$|^\.upgrade$/.test(basename(path));
  await cp(dataDir, folder, { recursive: true, filter: isOther });
  const advice = "to restore it, copy it back while the shop is stopped";
  return `${await check(folder)}\n${folder} is a copy of ${dataDir}: ${advice}.`;
};

/**
 * Runs one command of `npm run store`. What to print.
 * @throws StartupError when it cannot be done, or something is damaged
 */
export const keepStore = async ([command, target, ...more]: readonly string[], env: Env): Promise<string> => {
  if (more.length > 0) throw new StartupError(USAGE);
  if (command === "backup" && target !== undefined) return backup(folderOf(env), target);
  if (command === "upgrade" && target === undefined) return upgrade(folderOf(env));
  if (command === "check" && target === undefined) return check(folderOf(env));
  throw new StartupError(USAGE);
};

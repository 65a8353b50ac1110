// Where every npm script begins: installs and builds what is missing, then runs scripts/<command>.ts in this very
// process.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const COMPILER = "node_modules/typescript/bin/tsc";
const SOURCES = [
  "contracts",
  "lib",
  "services",
  "scripts",
  "bench",
  "examples",
  "test/run",
  "test/guarantees",
  "test/helpers/random.ts",
  "test/server-process.ts",
  "moleculer.config.ts",
  "service-files.ts",
  "tsconfig.json",
  "tsconfig.build.json",
  COMPILER,
];
/** Touched after each good build: what is newer has not been built. */
const STAMP = "dist/.built";

const fail = message => {
  console.error(message);
  process.exit(1);
};

const refuseOldNode = () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Jangteo needs Node.js 20.19 or newer, and this is ${process.version}: see https://nodejs.org.`);
};

const packagesIn = file => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {});

/** Packages for other platforms are optional and may be absent. */
const isInstalled = () => {
  const installed = packagesIn("node_modules/.package-lock.json");
  return Object.entries(packagesIn("package-lock.json")).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
};

const install = () => {
  console.error("Installing the packages that Jangteo needs (once, about half a minute)…");
  // Moleculer's packages ask for Node 22 and work on 20: only errors are worth a line.
  const npm = spawnSync("npm", ["ci", "--include=dev", "--loglevel=error", "--no-audit", "--no-fund"], {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) fail("The packages could not be installed (see above). Is the npm registry reachable?");
};

const newest = path => {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))));
};

const isBuilt = () => {
  if (!existsSync(STAMP)) return false;
  const builtAt = statSync(STAMP).mtimeMs;
  return SOURCES.filter(path => existsSync(path)).every(path => newest(path) < builtAt);
};

const build = () => {
  const startedAt = new Date();
  const compiler = spawnSync(process.execPath, [COMPILER, "-p", "tsconfig.build.json"], { stdio: ["ignore", 2, 2] });
  if (compiler.status !== 0) fail("The build failed: see the errors above.");
  writeFileSync(STAMP, "");
  // A file saved while the compiler ran must count as newer.
  utimesSync(STAMP, startedAt, startedAt);
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
refuseOldNode();
// An image carries dist/ and no compiler: there is nothing to prepare.
if (existsSync(COMPILER) || !existsSync("dist")) {
  if (!isInstalled()) install();
  if (!isBuilt()) build();
}
const [command = "start", ...args] = process.argv.slice(2);
if (command === "build") process.exit(0);
// A path is another program of ours, such as the tests.
const program = command.includes("/") ? command : `scripts/${command}`;
const script = join(process.cwd(), "dist", `${program}.js`);
if (!existsSync(script)) fail(`There is no command "${command}": see "scripts" in package.json.`);
process.argv.splice(1, process.argv.length, script, ...args);
await import(pathToFileURL(script).href);

// The one-process shape for developers: rebuilt and restarted on every change, with Moleculer's REPL on the terminal.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { onStopSignal } from "./command";
import { watchTree } from "./watch-tree";

const SOURCES = ["contracts", "lib", "services", "scripts", "moleculer.config.ts", "service-files.ts"];
/** Milliseconds of quiet before a build: an editor or git may write many files. */
const SETTLE = 100;

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const run = (): ChildProcess => {
  const child = spawn(process.execPath, ["--enable-source-maps", join(__dirname, "start.js"), "--repl"], {
    stdio: "inherit",
  });
  child.once("exit", code => {
    // Left by Ctrl-D or by exit in the REPL. After a crash the next change starts it again.
    if (code === 0) process.exit(0);
    console.error("The shop has ended. Waiting for a change…");
  });
  return child;
};

let shop = run();
let timer: NodeJS.Timeout | undefined;
let building = false;
let changed = false;

const restart = () => {
  if (hasEnded(shop)) return void (shop = run());
  shop.removeAllListeners("exit");
  shop.once("exit", () => void (shop = run()));
  shop.kill("SIGTERM");
};

const build = () => {
  if (building) return;
  building = true;
  changed = false;
  const compiler = spawn(
    process.execPath,
    [join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  compiler.once("exit", code => {
    building = false;
    if (changed) build();
    else if (code === 0) restart();
    else console.error("The last good build keeps running.");
  });
};

watchTree(".", SOURCES, path => {
  if (!/\.(ts|js|json)$/.test(path)) return;
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(build, SETTLE);
});
onStopSignal(() => {
  shop.removeAllListeners("exit");
  if (hasEnded(shop)) process.exit(0);
  shop.once("exit", () => process.exit(0));
  shop.kill("SIGTERM");
});

// The one-process shape for developers: rebuilt and restarted on every change, with Moleculer's REPL on the terminal.
import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";

/** Milliseconds of quiet in dist/ before a restart: the compiler writes many files. */
const SETTLE = 300;

let shop: ChildProcess | undefined;
let timer: NodeJS.Timeout | undefined;
let stopping = false;

const start = () => {
  shop = spawn(process.execPath, ["--enable-source-maps", join(__dirname, "start.js"), "--repl"], { stdio: "inherit" });
  shop.once("exit", code => {
    // Left by Ctrl-C or Ctrl-D in the REPL; a crash waits for the next change.
    if (!stopping && code === 0) process.exit(0);
  });
};

const restart = () => {
  const before = shop;
  if (!before || before.exitCode !== null || before.signalCode !== null) return start();
  before.removeAllListeners("exit");
  before.once("exit", start);
  before.kill("SIGTERM");
};

const compiler = spawn(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json", "--watch", "--preserveWatchOutput"], { stdio: ["ignore", "inherit", "inherit"] });
watch("dist", { recursive: true }, (_event, file) => {
  if (!file?.endsWith(".js")) return;
  clearTimeout(timer);
  timer = setTimeout(restart, SETTLE);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stopping = true;
    compiler.kill();
    if (!shop || shop.exitCode !== null) process.exit(0);
    shop.once("exit", () => process.exit(0));
    shop.kill("SIGTERM");
  });
}
start();

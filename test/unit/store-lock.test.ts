// One owner per folder, whatever happens to the others: the lock between real processes.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "../../lib/store/sqlite/folder-lock";
import { pauseProcess } from "../servers";

const STARTERS = 4;
const ROUNDS = 60;

/** Tries to lock its folder on "lock", and unlocks it on "unlock"; answers each with what came of it. */
const CHILD = `
  const { lockFolder } = require("./dist/lib/store/sqlite/folder-lock.js");
  let unlock;
  process.on("message", async wanted => {
    if (wanted === "unlock") { unlock?.(); unlock = undefined; return process.send("unlocked"); }
    try { unlock = await lockFolder(process.argv[1]); process.send("won"); }
    catch (error) { process.send(error.message); }
  });
  process.send("ready");
`;

const messageOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const ended = () => reject(new Error("The child process ended: see its output above."));
    child.once("exit", ended).once("message", message => {
      child.off("exit", ended);
      resolve(message);
    });
  });

const ask = async (child: ChildProcess, message: "lock" | "unlock"): Promise<unknown> => {
  const answer = messageOf(child);
  child.send(message);
  return answer;
};

let folder: string;
let children: ChildProcess[];

const startChild = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ["-e", CHILD, folder], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  await messageOf(child);
  return child;
};

const killChild = async (child: ChildProcess) => {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jangteo-lock-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await killChild(child);
  rmSync(folder, { recursive: true });
});

test("of several that start at once exactly one wins", async () => {
  const starters = await Promise.all(Array.from({ length: STARTERS }, startChild));
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all(starters.map(child => ask(child, "lock")));
    expect(answers.filter(answer => answer === "won")).toHaveLength(1);
    await Promise.all(starters.map(child => ask(child, "unlock")));
  }
});

test("a locked folder is refused with a sentence that says what to do, also within the same process", async () => {
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(
    `${folder} is in use by another process (is the shop already running?). ` +
      "Stop it, or set DATA_DIR to another folder. Several processes share one only over NATS: npm run cluster.",
  );
  expect(await ask(await startChild(), "lock")).toMatch(/is in use by another process/);
  unlock();
  (await lockFolder(folder))();
});

test("the lock ends with its owner: after kill -9 the next one wins at once", async () => {
  for (let round = 0; round < 5; round += 1) {
    const owner = await startChild();
    expect(await ask(owner, "lock")).toBe("won");
    await killChild(owner);
    const before = Date.now();
    const unlock = await lockFolder(folder);
    expect(Date.now() - before).toBeLessThan(1000);
    unlock();
  }
});

test("a stopped owner keeps the lock", async () => {
  const owner = await startChild();
  expect(await ask(owner, "lock")).toBe("won");
  pauseProcess(owner.pid ?? 0);
  await expect(lockFolder(folder)).rejects.toThrow(/is in use/);
  owner.kill("SIGCONT");
  expect(await ask(owner, "unlock")).toBe("unlocked");
  (await lockFolder(folder))();
});

test("the lock is kept also by who forgets what gives it back, whenever memory is tidied", async () => {
  const program = `
    const { lockFolder } = require("./dist/lib/store/sqlite/folder-lock.js");
    (async () => {
      await lockFolder(process.argv[1]);
      for (let round = 0; round < 10; round += 1) { global.gc(); await new Promise(setImmediate); }
      await lockFolder(process.argv[1]).then(() => console.log("taken twice"), error => console.log(error.message));
    })();`;
  const { stdout } = spawnSync(process.execPath, ["--expose-gc", "-e", program, folder], { encoding: "utf8" });
  expect(stdout).toContain("is in use by another process");
});

// What a test file leaves open fails that file, by Jest itself; what it closed, or what keeps nothing alive, does not.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { temporaryFolder } from "../helpers/broker";
import { addedTo, open } from "../helpers/leftovers";

/** @param closesWithin milliseconds that what is closing already gets */
const run = (test: string, closesWithin: number) => {
  const rootDir = temporaryFolder();
  const { transform } = require("../../jest.config.js") as { transform: Record<string, [string, unknown]> };
  const found = Object.entries(transform).map(([pattern, [name, options]]) => [
    pattern,
    [require.resolve(name), options],
  ]);
  const testEnvironment = resolve("test/helpers/leftovers.ts");
  const testEnvironmentOptions = { closesWithin };
  const config = { rootDir, testEnvironment, testEnvironmentOptions, transform: Object.fromEntries(found) as unknown };
  writeFileSync(join(rootDir, "jest.config.json"), JSON.stringify(config));
  writeFileSync(join(rootDir, "one.test.js"), `test("one", ${test});`);
  const command = [
    resolve("node_modules/jest/bin/jest.js"),
    "--config",
    join(rootDir, "jest.config.json"),
    "--forceExit",
  ];
  return spawnSync(process.execPath, command, { encoding: "utf8" });
};

test.each([
  ["() => void setInterval(() => {}, 60_000)", "Timeout"],
  [
    'async () => { const { once } = require("events"); ' +
      'await once(require("net").createServer().listen(0), "listening"); }',
    "TCPServerWrap",
  ],
  ['() => void require("child_process").spawn("sleep", ["2"], { stdio: "ignore" })', "ProcessWrap"],
])("after %s the file fails, and says %s", (left, kind) => {
  const { status, stderr } = run(left, 100);
  expect(stderr).toContain(`This file leaves open what keeps the process alive: ${kind}`);
  expect(status).toBe(1);
});

test.each([
  "() => void setInterval(() => {}, 60_000).unref()",
  "() => clearInterval(setInterval(() => {}, 60_000))",
  "() => void setTimeout(() => {}, 20)",
])("after %s it passes", left => expect(run(left, 20_000)).toMatchObject({ status: 0 }));

test("after a failed test it is said beside the failure, which it does not hide", () => {
  const { status, stderr } = run('() => { setInterval(() => {}, 60_000); throw new Error("what failed"); }', 100);
  expect(stderr).toContain("what failed");
  expect(stderr).toContain("This file leaves open what keeps the process alive: Timeout");
  expect(status).toBe(1);
});

test("what was open before does not count, and each that came in addition counts once", async () => {
  const before = open();
  const servers = [createServer().listen(0), createServer().listen(0)];
  await Promise.all(servers.map(server => once(server, "listening")));
  expect(addedTo(before, open())).toEqual(["TCPServerWrap", "TCPServerWrap"]);
  for (const server of servers) server.close();
  await Promise.all(servers.map(server => once(server, "close")));
  // Node goes on counting them for some turns.
  while (addedTo(before, open()).length > 0) await setImmediate();
});

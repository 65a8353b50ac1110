// The tests do not read a person's environment: with his settings in it, bad ones among them, they end as without.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { settingNames } from "../../service-files";

/** Every setting, with a value that would change what is tested, or refuse to start. */
const HOSTILE: Record<string, string> = {
  ...Object.fromEntries(settingNames().map(name => [name, "not usable"])),
  SERVICES: "orders",
  PORT: "1",
  NODE_ENV: "production",
  DATA_DIR: "/proc/nowhere",
  ENV_FILE: "/nowhere/.env",
  NATS_URL: "nats://127.0.0.1:1",
  MONGO_URL: "mongodb://127.0.0.1:1",
};

test("the settings of whoever runs the tests are gone before a test begins", () => {
  const left = settingNames().filter(name => process.env[name] !== undefined);
  expect(left.filter(name => name !== "MONGO_URL").sort()).toEqual(["ENV_FILE", "NODE_ENV"]);
  expect([process.env.NODE_ENV, process.env.ENV_FILE]).toEqual(["test", "none"]);
});

test("a test of services passes with hostile settings in the environment", () => {
  const args = [
    join("node_modules", "jest", "bin", "jest.js"),
    "test/integration/mail.test.ts",
    "-t",
    "the outbox can be read",
  ];
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env.PATH, ...HOSTILE },
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, expect.stringContaining("1 passed")]);
});

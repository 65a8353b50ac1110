// Two instances of everything, struck at random under load, and then everything is counted: a short run.
import { execFileSync } from "node:child_process";
import { describeWithNats } from "../servers";
import { run } from "./run";
import { tableOf } from "./table";
import { ProcessWorld } from "./world/process-world";

const OPTIONS = {
  seed: 20,
  durationMs: 15_000,
  everyMs: 1200,
  buyers: 8,
  // Counted generously: other suites run on this machine.
  settleWithinMs: 90_000,
  say: () => undefined,
};
const COMMAND = "npm run guarantees -- --seed 20 --minutes 0.25 --every 1200 --buyers 8 --layout few";

describeWithNats("two of every service, the gateway too, killed and stopped at random with their NATS", () => {
  test("keep what they promise, to the last order, piece and cent", async () => {
    execFileSync(process.execPath, ["scripts/run.mjs", "build"], { stdio: ["ignore", "ignore", "inherit"] });
    const outcome = await run(OPTIONS, () => ProcessWorld.start({ store: "sqlite", layout: "few" }));
    console.info(tableOf(outcome, COMMAND).join("\n"));
    expect(outcome.verdicts.flatMap(({ violations }) => violations)).toEqual([]);
    expect(outcome.facts.orders.length).toBeGreaterThan(0);
  }, 400_000);
});

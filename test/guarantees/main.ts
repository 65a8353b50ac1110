// The command `npm run guarantees`: kills and stops a shop of a dozen processes under load, for any time, and counts.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { explain } from "../../scripts/command";
import { run } from "./run";
import { tableOf } from "./table";
import { MECHANISMS } from "./without/mechanisms";
import { type Layout, LAYOUTS, ProcessWorld } from "./world/process-world";
import { STORE_KINDS } from "./world/store-server";

const LAYOUT_NAMES = Object.keys(LAYOUTS) as Layout[];
/** Milliseconds. G5 promises half of it; a busy machine takes its own time. */
const SETTLES_WITHIN_MS = 60_000;

const USAGE = `npm run guarantees -- [options]
  --minutes <n>      of load and faults (1)
  --seed <n>         which faults, and when (another one each time)
  --store <kind>     ${STORE_KINDS.join(" or ")} (sqlite); mongo is the one at MONGO_URL, if that is set
  --layout <which>   a process for each service, or few processes: ${LAYOUT_NAMES.join(" or ")} (each)
  --buyers <n>       customers at a time (16)
  --every <ms>       between faults, on average (1500)
  --keep             leaves data and logs behind, also when nothing is wrong
  --without <what>   a mechanism that the shop goes without, to see the checker notice:
                     ${MECHANISMS.join(", ")}`;

const number = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} ${text} is no number.\n\n${USAGE}`);
  return value;
};

const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T => {
  const found = choices.find(choice => choice === text);
  if (found === undefined) throw new Error(`--${name} ${text} is none of ${choices.join(", ")}.\n\n${USAGE}`);
  return found;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(randomInt(1, 1_000_000)) },
      store: { type: "string", default: "sqlite" },
      layout: { type: "string", default: "each" },
      buyers: { type: "string", default: "16" },
      every: { type: "string", default: "1500" },
      without: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const { seed, store, layout, minutes, buyers, every, without, keep } = values;
  const options = {
    seed: number("seed", seed),
    durationMs: number("minutes", minutes) * 60_000,
    everyMs: number("every", every),
    buyers: number("buyers", buyers),
    settleWithinMs: SETTLES_WITHIN_MS,
    keep,
    say: (line: string) => console.log(line),
  };
  const world = {
    store: oneOf("store", store, STORE_KINDS),
    layout: oneOf("layout", layout, LAYOUT_NAMES),
    without: without === undefined ? undefined : oneOf("without", without, MECHANISMS),
  };
  const outcome = await run(options, () => ProcessWorld.start(world));
  const asked = { seed, store, layout, minutes, buyers, every, ...(without === undefined ? {} : { without }) };
  const command = ["npm run guarantees --", ...Object.entries(asked).map(([name, value]) => `--${name} ${value}`)];
  for (const line of tableOf(outcome, command.join(" "))) console.log(line);
  process.exitCode = outcome.verdicts.every(({ violations }) => violations.length === 0) ? 0 : 1;
};

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});

// What `npm run rebuild` does, and what it says of it: a read model made anew, compared with the live one, and shown.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SERVICE_NAMES } from "../contracts/index";
import { type Env, readSettings } from "../lib/env";
import { StartupError } from "../lib/errors";
import type { Compared } from "../lib/events/comparison";
import type { AnyProjection } from "../lib/events/projection";
import { rebuild, RebuildAbandoned, type Rebuilt, type RebuildOptions, RebuildOvertaken } from "../lib/events/rebuild";
import { openStore } from "../lib/store/open-store";
import { storeSettings } from "../lib/store/settings";
import type { Store } from "../lib/store/store";
import { factoryOf } from "../service-files";

/** Milliseconds between two lines on how far it has come. */
const SAY_EVERY_MS = 1000;

const projections = (): ReadonlyMap<string, AnyProjection> =>
  new Map(
    SERVICE_NAMES.map(factoryOf).flatMap(({ serviceName, readModel }) =>
      readModel === undefined ? [] : [[serviceName, readModel] as const],
    ),
  );

const usage = (names: Iterable<string>) => `npm run rebuild -- <service> [--replace]
    makes its read model anew beside the live one, and shows the new one if both are the same
    --replace: also if they differ, such as after a restored backup
    services: ${[...names].join(", ")}`;

const listed = (what: string, { differences }: Compared): string[] => differences.map(line => `  ${what} ${line}`);

const report = (name: string, { outcome, position, tookMs, entries, counts }: Rebuilt): string => {
  const seconds = (tookMs / 1000).toFixed(1);
  const differences = [...listed("entry", entries), ...listed("count", counts)];
  const isSame = differences.length === 0;
  const made = `${entries.same} entries and ${counts.same} groups of counts`;
  const sums = [...entries.checksums, ...counts.checksums];
  const lines = isSame
    ? [
        `${name}: ${made} made anew from ${position} commits in ${seconds} s.`,
        `Checksums: live ${sums[0]} and ${sums[2]}, anew ${sums[1]} and ${sums[3]}: the same. The new one is shown.`,
      ]
    : [
        `${name}: what is made anew from ${position} commits differs from the live one:`,
        ...differences,
        outcome === "switched"
          ? "The new one is shown."
          : `The live one is still shown. To show the new one: npm run rebuild -- ${name} --replace`,
      ];
  return lines.join("\n");
};

/** Opens a service's store. @throws StartupError when there is none: a mistyped DATA_DIR would become a second shop */
export const openExisting = async (service: string, env: Env): Promise<Store> => {
  const { MONGO_URL: mongoUrl, DATA_DIR: dataDir } = readSettings(storeSettings, env);
  if (!mongoUrl && !existsSync(join(dataDir, service))) {
    const advice = "set DATA_DIR to the shop's folder, or MONGO_URL";
    throw new StartupError(`${resolve(dataDir)} has no ${service} in it: ${advice}.`);
  }
  return openStore(service, env);
};

/**
 * Runs `npm run rebuild`. What to print.
 * @throws StartupError when it cannot be done, and when what it makes differs from the live one: then nothing changes
 */
export const rebuildModel = async (
  args: readonly string[],
  open: (service: string) => Promise<Store>,
  { say = () => undefined, ...options }: Pick<RebuildOptions, "keptMs"> & { say?(line: string): void } = {},
): Promise<string> => {
  const known = projections();
  const [name = "", ...more] = args.filter(arg => arg !== "--replace");
  const projection = known.get(name);
  if (!projection || more.length > 0) throw new StartupError(usage(known.keys()));
  const store = await open(name);
  let said = performance.now();
  try {
    const rebuilt = await rebuild(store, projection, {
      ...options,
      replace: args.includes("--replace"),
      onProgress: (position, head) => {
        if (performance.now() - said < SAY_EVERY_MS) return;
        said = performance.now();
        say(`${position} of ${head} commits`);
      },
    });
    if (rebuilt.outcome === "different") throw new StartupError(report(name, rebuilt));
    return report(name, rebuilt);
  } catch (error) {
    if (error instanceof RebuildOvertaken || error instanceof RebuildAbandoned) throw new StartupError(error.message);
    throw error;
  } finally {
    await store.close();
  }
};

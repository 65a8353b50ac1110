// What a person can do about followers that have stopped: see where each stands, set one to another position, rebuild
// what is shown.
import { setTimeout } from "node:timers/promises";
import { SERVICE_NAMES } from "../contracts/index";
import type { CheckpointDocument } from "../lib/events/checkpoint";
import { EventStore } from "../lib/events/event-store";
import { StartupError } from "../lib/errors";
import { factoryOf } from "../service-files";
import type { Collection, Document, Store } from "../lib/store/store";

/** Milliseconds within which a service that runs looks at its checkpoint, twice and more. */
const LOOK_WITHIN = 2500;

type Open = (service: string) => Promise<Store>;

const factories = () => SERVICE_NAMES.map(factoryOf);

/** Who follows whose feed; the checkpoint is named after the source. */
const followers = () =>
  factories().flatMap(({ serviceName: name, follows }) => follows.map(source => ({ name, source })));

/** What is derived from a service's own log, and can be made again from it: service → collection and checkpoint. */
const readModels = () =>
  new Map(
    factories().flatMap(({ serviceName, readModel }) =>
      readModel === undefined ? [] : [[serviceName, readModel] as const],
    ),
  );

const usage = () => `npm run feeds
    where each follower stands
npm run feeds -- reset <service> <source> --from <what>
    its next commit: a position, start, or head (what is there by now is passed over)
npm run feeds -- rebuild <service>
    make its read model anew at its next start: ${[...readModels().keys()].join(", ")}`;

const using = async <T>(open: Open, service: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = await open(service);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};

const checkpointsOf = (store: Store) => store.collection<CheckpointDocument>("checkpoints");
const headOf = (open: Open, source: string) =>
  using(open, source, async store => (await EventStore.open(store, () => new Date())).head());

const show = async (open: Open): Promise<string> => {
  const lines = followers().map(async ({ name, source }) => {
    const position = await using(
      open,
      name,
      async store => (await (await checkpointsOf(store)).get(source))?.position ?? 0,
    );
    return `${name} has followed ${source} to ${position}, whose newest commit is ${await headOf(open, source)}.`;
  });
  return (await Promise.all(lines)).join("\n");
};

const positionBefore = (from: string | undefined, head: number): number => {
  if (from === "start") return 0;
  if (from === "head") return head;
  const next = Number(from);
  if (Number.isInteger(next) && next >= 1 && next <= head + 1) return next - 1;
  throw new StartupError(
    `--from ${from ?? ""} is not usable: it must be start, head, or a position from 1 to ${head + 1}.`,
  );
};

const reset = async (
  open: Open,
  name: string | undefined,
  source: string | undefined,
  from: string | undefined,
): Promise<string> => {
  if (!followers().some(one => one.name === name && one.source === source)) {
    throw new StartupError(
      `${name ?? ""} does not follow ${source ?? ""}. There is: ${followers()
        .map(one => `${one.name} ${one.source}`)
        .join(", ")}.`,
    );
  }
  const position = positionBefore(from, await headOf(open, source ?? ""));
  return using(open, name ?? "", async store => {
    const checkpoints = await checkpointsOf(store);
    // Without the ids of a log and of a commit: the next look learns those that are there now.
    await checkpoints.remove(source ?? "");
    await checkpoints.insert({ _id: source ?? "", position });
    return `${name} goes on after commit ${position} of ${source}.`;
  });
};

/**
 * A service that runs makes its model anew at once, and what is removed meanwhile would stay away. The embedded store
 * has its lock.
 */
const refuseRunning = async (checkpoints: Collection<CheckpointDocument>, checkpoint: string, name: string) => {
  for (const until = performance.now() + LOOK_WITHIN; performance.now() < until; await setTimeout(100)) {
    if (await checkpoints.get(checkpoint))
      throw new StartupError(
        `${name} is running, on this database. Stop all its processes first; nothing was removed.`,
      );
  }
};

const rebuild = async (open: Open, name: string | undefined): Promise<string> => {
  const model = readModels().get(name ?? "");
  if (model === undefined)
    throw new StartupError(`${name ?? ""} has no read model. There are: ${[...readModels().keys()].join(", ")}.`);
  return using(open, name ?? "", async store => {
    // The checkpoint first: if this is cut short, the rest is made again as well.
    const checkpoints = await checkpointsOf(store);
    await checkpoints.remove(model);
    await refuseRunning(checkpoints, model, name ?? "");
    const entries = await store.collection<Document>(model);
    for (const { _id } of await entries.find()) await entries.remove(_id);
    return `${name} makes its read model anew when it starts.`;
  });
};

/**
 * Runs one command of `npm run feeds`. What to print.
 * @throws StartupError when it cannot be done, or the store is in use
 */
export const repairFeeds = async ([command, ...args]: readonly string[], open: Open): Promise<string> => {
  const flag = args.indexOf("--from");
  const [name, source] = flag < 0 ? args : args.slice(0, flag);
  switch (command) {
    case undefined:
      return show(open);
    case "reset":
      return reset(open, name, source, flag < 0 ? undefined : args[flag + 1]);
    case "rebuild":
      return rebuild(open, name);
    default:
      throw new StartupError(usage());
  }
};

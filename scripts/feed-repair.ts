// What a person can do about followers that have stopped: see where each stands, set one to another position.
import { SERVICE_NAMES } from "../contracts/index";
import type { CheckpointDocument } from "../lib/events/checkpoint";
import { EventStore } from "../lib/events/event-store";
import { StartupError } from "../lib/errors";
import { factoryOf } from "../service-files";
import type { Store } from "../lib/store/store";

type Open = (service: string) => Promise<Store>;

const factories = () => SERVICE_NAMES.map(factoryOf);

/** Who follows whose feed; the checkpoint is named after the source. */
const followers = () =>
  factories().flatMap(({ serviceName: name, follows }) => follows.map(source => ({ name, source })));

const usage = () => `npm run feeds
    where each follower stands
npm run feeds -- reset <service> <source> --from <what>
    its next commit: a position, start, or head (what is there by now is passed over)`;

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
    default:
      throw new StartupError(usage());
  }
};

// The products service alone, on data that is there already, which asks itself and says how long each answer took.
import { setImmediate } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { brokerOptions } from "../../moleculer.config";
import { fileOf } from "../../service-files";
import { median } from "../result";

/** Calls to make one after the other. */
export interface Questions {
  action: string;
  params: readonly object[];
}

export interface Answered {
  /** Microseconds that a call took: the median. */
  micros: number;
  /** The most CPU time that one call took, in milliseconds: longer it cannot have held up the event loop. */
  longestMs: number;
  /** What the last call was answered. */
  last: unknown;
}

const ask = async (broker: ServiceBroker, { action, params }: Questions): Promise<Answered> => {
  const [times, cpu]: [number[], number[]] = [[], []];
  let last: unknown;
  for (const one of params) {
    // As a request comes: in a turn of the loop of its own.
    await setImmediate();
    const [began, used] = [performance.now(), process.cpuUsage()];
    last = await broker.call(action, one);
    const { user, system } = process.cpuUsage(used);
    times.push(1000 * (performance.now() - began));
    cpu.push((user + system) / 1000);
  }
  return { micros: median(times), longestMs: Math.max(...cpu), last };
};

const main = async () => {
  const [, , dataDir = ""] = process.argv;
  const broker = new ServiceBroker(brokerOptions({ DATA_DIR: dataDir, LOG_LEVEL: "error", SAMPLE_CATALOGUE: "no" }));
  broker.loadService(fileOf("products"));
  await broker.start();
  process.on("message", (questions: Questions) => {
    void ask(broker, questions).then(answered => process.send?.(answered));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
};

void main();

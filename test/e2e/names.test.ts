// One name, one live process: what a second one is told, and that the first one goes on; and who follows a dead one at
// once.
import { setTimeout } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { brokerOptions } from "../../moleculer.config";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats, pauseProcess, type ServerProcess, startNats } from "../servers";
import { eventually } from "../helpers/eventually";
import { type Process, startProcess } from "./processes";

const LIMIT = 90_000;
const NAME = "payments-one";
const REFUSED = /^NODE_NAME[^\n]* payments-one [^\n]*\.\n$/;

describeWithNats("processes with the same NODE_NAME", () => {
  let nats: ServerProcess;
  let observer: ServiceBroker;
  let gone: string[];
  const started: Process[] = [];

  /** A neighbour that looks at no heartbeat: what it misses, somebody has told it. */
  const neighbour = async () => {
    const env = { NATS_URL: nats.url, SERVICES: "mail", LOG_LEVEL: "fatal" };
    const registry = { discoverer: { type: "Local", options: { disableHeartbeatChecks: true } } };
    const broker = new ServiceBroker({
      ...brokerOptions(env),
      nodeID: "observer",
      metadata: {},
      logger: false,
      registry,
    } as never);
    broker.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) => gone.push(node.id));
    await broker.start();
    return broker;
  };

  const start = () => {
    const process = startProcess({
      env: { NATS_URL: nats.url, SERVICES: "payments", NODE_NAME: NAME },
      dataDir: temporaryFolder(),
    });
    started.push(process);
    return process;
  };
  const ready = async (process: Process) => eventually(`it is ready\n${process.output()}`, () => process.isReady());
  const nodes = () =>
    observer.registry
      .getNodeList({ onlyAvailable: true })
      .filter(({ id }) => id.startsWith(NAME))
      .map(({ id }) => id);
  const answers = async () =>
    observer.call("payments.health", {}).then(
      () => true,
      () => false,
    );

  beforeEach(async () => {
    gone = [];
    nats = await startNats();
    observer = await neighbour();
  }, LIMIT);
  afterEach(async () => {
    for (const process of started.splice(0)) {
      process.signal("SIGCONT");
      process.signal("SIGTERM");
      await process.ended;
    }
    await observer.stop();
    await nats.stop();
  }, LIMIT);

  test(
    "a second one is refused in one sentence, and the first one goes on undisturbed",
    async () => {
      const first = start();
      await ready(first);
      await eventually("it is known", answers);
      const [node] = nodes();
      let failures = 0;
      let calls = 0;
      const load = { over: false };
      const loading = (async () => {
        for (; !load.over; calls += 1, await setTimeout(20)) failures += (await answers()) ? 0 : 1;
      })();
      const { code, stdout, stderr } = await start().ended;
      load.over = true;
      await loading;
      expect([code, stdout, stderr]).toEqual([1, "", expect.stringMatching(REFUSED)]);
      expect(calls).toBeGreaterThan(0);
      expect([failures, gone, nodes()]).toEqual([0, [], [node]]);
    },
    LIMIT,
  );

  test(
    "of two that start in the same moment exactly one wins",
    async () => {
      for (let round = 0; round < 3; round += 1) {
        const both = [start(), start()];
        const outcome = async (process: Process) => {
          let ended = false;
          void process.ended.then(() => (ended = true));
          await eventually(`it has started or refused\n${process.output()}`, () => ended || process.isReady());
          const won = !ended;
          return [won, won ? "" : (await process.ended).stderr];
        };
        const outcomes = await Promise.all(both.map(outcome));
        expect(outcomes.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
          [false, expect.stringMatching(REFUSED)],
          [true, ""],
        ]);
        for (const process of both) process.signal("SIGKILL");
        await Promise.all(both.map(({ ended }) => ended));
      }
    },
    LIMIT,
  );

  test(
    "a dead one's successor takes its place at once, though nobody has missed it yet",
    async () => {
      const first = start();
      await ready(first);
      await eventually("it is known", answers);
      const [dead] = nodes();
      first.signal("SIGKILL");
      const second = start();
      await ready(second);
      await eventually("it has taken the place", () => gone.includes(dead ?? ""));
      await eventually("it answers", answers);
      expect(nodes()).toHaveLength(1);
    },
    LIMIT,
  );

  test(
    "one that hangs is replaced, and ends itself with a sentence when it wakes up",
    async () => {
      const first = start();
      await ready(first);
      await eventually("it is known", answers);
      const [hung] = nodes();
      pauseProcess(first.pid);
      const second = start();
      await ready(second);
      await eventually("it has taken the place", () => gone.includes(hung ?? ""));
      // Its name is known before its services are: what may not disturb it is who wakes up then.
      await eventually("the new one answers", answers);
      first.signal("SIGCONT");
      const { code, stderr } = await first.ended;
      expect([code, stderr]).toEqual([1, expect.stringMatching(REFUSED)]);
      expect(await answers()).toBe(true);
    },
    LIMIT,
  );
});

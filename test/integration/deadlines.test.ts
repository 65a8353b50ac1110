// Deadlines on a real bus: calls travel with theirs, and what nobody waits for any more is not begun.
import { setTimeout } from "node:timers/promises";
import { Type } from "@sinclair/typebox";
import { action, object } from "../../lib/contract";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { defineService } from "../../lib/moleculer/service";
import { late, start, worker } from "../helpers/clocked-broker";
import { describeWithNats, type ServerProcess, startNats } from "../servers";
import { eventually } from "../helpers/eventually";

const HOUR = 3_600_000;
const timedOut = expect.objectContaining({ type: "REQUEST_TIMEOUT" }) as Error;

const scenarios = (bus: () => string | undefined) => {
  /** A worker and a caller: on two nodes where there is a bus, else on one. */
  const pair = async (skew = 0) => {
    const { seen, service } = worker();
    const callee = await start(bus(), [service], skew);
    const caller = bus() === undefined ? callee : await start(bus());
    await caller.broker.waitForServices("worker");
    return { seen, callee, caller };
  };

  test("what waited in a queue for longer than its caller would wait is not begun, and is counted", async () => {
    const { seen, callee, caller } = await pair();
    const first = caller.broker.call("worker.oneAtATime", { n: 0, take: 600 });
    const queued = [1, 2, 3].map(async n => caller.broker.call("worker.oneAtATime", { n }, { timeout: 200 }));
    for (const call of queued) await expect(call).rejects.toEqual(timedOut);
    await first;
    expect(await caller.broker.call("worker.oneAtATime", { n: 4 })).toBe(4);
    expect(seen.done).toEqual([0, 4]);
    expect(late(callee.broker)).toBe(3);
    expect(callee.logs.filter(line => line.startsWith("debug worker.oneAtATime is not begun"))).toHaveLength(3);
  });

  test("a caller that goes away takes back what has not begun, and tells what has", async () => {
    const { seen, caller } = await pair();
    const going = new AbortController();
    const first = caller.broker.call("worker.oneAtATime", { n: 0, take: 300 }, { signal: going.signal } as object);
    const queued = caller.broker.call("worker.oneAtATime", { n: 1 }, { signal: going.signal } as object);
    await eventually("the work is done", () => seen.done.length > 0);
    going.abort();
    await expect(queued).rejects.toMatchObject({ type: "CALLER_GONE" });
    await first;
    expect([seen.done, seen.signals[0]?.aborted]).toEqual([[0], true]);
    await expect(caller.broker.call("worker.work", { n: 2 }, { signal: going.signal } as object)).rejects.toMatchObject(
      { type: "CALLER_GONE" },
    );
    expect(seen.done).toEqual([0]);
  });

  const INHERITED =
    "a handler's own calls end with its deadline, and an action's own limit holds for callers that have more time";
  test(INHERITED, async () => {
    const { seen, caller } = await pair();
    await caller.broker.call("worker.delegate", { action: "worker.work" }, { timeout: 700 });
    await caller.broker.call("worker.delegate", { action: "worker.brisk" });
    await caller.broker.call("worker.brisk", {}, { timeout: 5000 });
    const [delegated = 0, ...brisk] = seen.left;
    expect([delegated > 0 && delegated <= 700, brisk.every(left => left > 0 && left <= 300)]).toEqual([true, true]);
  });

  test("all tries of a call together have one deadline", async () => {
    const { seen, caller } = await pair();
    await expect(caller.broker.call("worker.again", {}, { timeout: 400 })).rejects.toBeInstanceOf(Error);
    expect(seen.left.length).toBeGreaterThan(1);
    expect(seen.left.every((left, index) => left <= 400 - index * 100)).toBe(true);
  });

  test("who was told that the time is over learns it by a signal", async () => {
    const { seen, caller } = await pair();
    await expect(caller.broker.call("worker.work", { take: 400 }, { timeout: 100 })).rejects.toEqual(timedOut);
    await eventually("the handler is told", () => seen.signals[0]?.aborted === true);
  });
};

describe("in one process", () => {
  scenarios(() => undefined);

  test("a check of access that takes too long is the end of a call whose caller has gone meanwhile", async () => {
    const begun: unknown[] = [];
    const contract = { change: action({ access: "internal", params: object({}), result: object({}), deadline: 100 }) };
    const change = async () => {
      begun.push("change");
      return {};
    };
    const slow = defineService("slow", contract, {
      settings: Type.Object({}),
      open: async () => ({ actions: { change } }),
    });
    const { broker, logs } = await start(undefined, [slow]);
    jest.spyOn(runtimeOf(broker).access, "admit").mockImplementation(async () => setTimeout(200));
    await expect(broker.call("slow.change")).rejects.toEqual(timedOut);
    await eventually(
      "the refusal is logged",
      () => logs.some(line => line.startsWith("debug slow.change is not begun")) === true,
    );
    expect(begun).toEqual([]);
  });
});

describeWithNats("over NATS", () => {
  let nats: ServerProcess;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(async () => nats.stop());

  scenarios(() => nats.url);

  describe.each([
    ["equal", 0],
    ["5 s ahead", 5000],
    ["an hour ahead", HOUR],
    ["an hour behind", -HOUR],
  ])("the callee's clock is %s", (_what, skew) => {
    test("a call is answered, and its handler knows how much time it has", async () => {
      const { service, seen } = worker();
      await start(nats.url, [service], skew);
      const { broker } = await start(nats.url);
      await broker.waitForServices("worker");
      expect(await broker.call("worker.work", { n: 7 }, { timeout: 1500 })).toBe(7);
      expect(seen.left.map(left => left > 500 && left <= 1501)).toEqual([true]);
    });

    test("what was stuck on the bus until its caller gave up is not begun", async () => {
      const { service, seen } = worker();
      const callee = await start(nats.url, [service], skew);
      const { broker } = await start(nats.url);
      await broker.waitForServices("worker");
      nats.pause();
      // A signal takes a moment.
      await setTimeout(50);
      try {
        await expect(broker.call("worker.work", { n: 1 }, { timeout: 200 })).rejects.toEqual(timedOut);
        await setTimeout(100);
      } finally {
        nats.resume();
      }
      expect(await broker.call("worker.work", { n: 2 })).toBe(2);
      await eventually("the late call is counted", () => late(callee.broker) > 0);
      expect([seen.done, late(callee.broker)]).toEqual([[2], 1]);
    });
  });

  test("a caller whose machine slept, and its clock with it, is asked, and served", async () => {
    const { service, seen } = worker();
    await start(nats.url, [service]);
    const caller = await start(nats.url);
    await caller.broker.waitForServices("worker");
    await caller.broker.call("worker.work", { n: 1 });
    caller.clock.skew = -HOUR;
    expect(await caller.broker.call("worker.work", { n: 2 }, { timeout: 1500 })).toBe(2);
    expect(seen.left.map(left => left > 0)).toEqual([true, true]);
  });

  test("a callee whose machine slept serves what is asked afterwards", async () => {
    const { service } = worker();
    const callee = await start(nats.url, [service]);
    const { broker } = await start(nats.url);
    await broker.waitForServices("worker");
    callee.clock.skew = HOUR;
    expect(await broker.call("worker.work", { n: 1 }, { timeout: 1500 })).toBe(1);
    expect(callee.logs.some(line => /^warn This process stood still for 3\d{3}\.\d s/.test(line))).toBe(true);
  });
});

// What nodes write to NATS: all that a turn of the event loop sends in one go, and the farewell before they leave.
import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { type Started, startServices } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

const BURST = 100;

describeWithNats("nodes over NATS", () => {
  let nats: ServerProcess;
  let near: Started;
  let far: Started;
  beforeAll(async () => {
    nats = await startNats();
    const env = { NATS_URL: nats.url, REQUEST_TIMEOUT_MS: "60000" };
    near = await startServices([], { env });
    near.broker.createService({ name: "echo", actions: { say: ({ params: { n } }) => setImmediate(n) } });
    far = await startServices([], { env });
    await far.broker.waitForServices("echo", 20_000, 20);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await far?.stop();
    await near?.stop();
    await nats?.stop();
  });

  const say = (n: number): Promise<number> => far.broker.call("echo.say", { n });
  /** Each call in a callback of its own, as requests of as many clients arrive. */
  const burst = () => Promise.all(Array.from({ length: BURST }, (_, n) => setImmediate().then(() => say(n))));

  test("calls that begin in one turn, and their answers, take a few writes and not one each", async () => {
    const write = jest.spyOn(Socket.prototype, "write");
    expect(await burst()).toHaveLength(BURST);
    const writes = write.mock.contexts.filter(socket => socket.remotePort === nats.port);
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.length).toBeLessThan(BURST);
  });

  test("what is sent in a turn arrives in its order", async () => {
    const heard: number[] = [];
    near.broker.createService({ name: "ear", events: { "mouth.said": ({ params }) => void heard.push(params) } });
    await far.broker.waitForServices("ear", 20_000, 20);
    const wanted = Array.from({ length: BURST }, (_, n) => n);
    for (const n of wanted) void far.broker.emit("mouth.said", n);
    await eventually("all of it is heard", () => heard.length === BURST);
    expect(heard).toEqual(wanted);
  });

  test("when NATS was away, calls come through again by themselves", async () => {
    await nats.kill9();
    nats = await startNats({ port: nats.port });
    const answers = async () =>
      (await far.broker.call("echo.say", { n: 1 }, { timeout: 500 }).catch(() => undefined)) === 1;
    await eventually("a call is answered", answers);
    expect(await burst()).toHaveLength(BURST);
  });

  test("who stops says so, and is not taken for dead", async () => {
    const left: boolean[] = [];
    near.broker.localBus.on("$node.disconnected", ({ unexpected }: { unexpected: boolean }) => left.push(unexpected));
    await far.stop();
    await eventually("the others know", () => left.length > 0);
    expect(left).toEqual([false]);
  });
});

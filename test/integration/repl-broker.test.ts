// What the REPL's commands see of a broker that also hosts services: only what is typed runs as the user.
import { type Context, Errors, ServiceBroker } from "moleculer";
import { type Bus, toCallingOptions } from "../../lib/moleculer/bus";
import { brokerOptions } from "../../moleculer.config";
import { type ReplBroker, replBroker } from "../../scripts/repl/broker";
import { ReplSession } from "../../scripts/repl/session";

type Call = Context<unknown, object, object, { token?: string }>;

const signIn = { user: { email: "kim@example.com" }, token: "token-of-kim", refreshToken: "r", expiresIn: 900 };
const tokenIn = ({ headers }: Call) => headers.token ?? null;

const brokers: ServiceBroker[] = [];
let real: ServiceBroker;
let session: ReplSession;
let repl: ReplBroker;
let stopped = 0;

const start = async (nodeID: string) => {
  const joined = { namespace: `repl-${process.pid}`, nodeID, transporter: "Fake", metadata: {} } as const;
  const broker = new ServiceBroker({ ...brokerOptions({}), ...joined, logger: false });
  brokers.push(broker);
  return broker;
};

beforeAll(async () => {
  real = await start("here");
  real.createService({
    name: "users",
    actions: {
      login: () => signIn,
      logout: () => ({}),
      refuse: () => Promise.reject(new Errors.MoleculerClientError("FORBIDDEN", 400, "FORBIDDEN")),
      over: () => Promise.reject(new Errors.MoleculerClientError("UNAUTHENTICATED", 400, "UNAUTHENTICATED")),
    },
  });
  real.createService({
    name: "own",
    actions: { token: tokenIn, calls: (ctx: Call) => ctx.call("own.token"), broker: () => real.call("own.token") },
  });
  const other = await start("there");
  other.createService({ name: "far", actions: { token: tokenIn } });
  await Promise.all(brokers.map(broker => broker.start()));
  await real.waitForServices(["own", "users", "far"]);
  const call: Bus["call"] = (name, params, options) => real.call(name, params, toCallingOptions(options));
  session = new ReplSession(call, () => undefined);
  repl = replBroker(real, session, async () => void (stopped += 1));
});
afterAll(async () => Promise.all(brokers.map(broker => broker.stop())));

test("what is typed runs as the user, here and on other nodes; what services call by themselves does not", async () => {
  expect(await repl.broker.call("own.token")).toBeNull();
  await session.login("kim@example.com", "secret");
  const typed = [
    repl.broker.call("own.token"),
    repl.broker.call("far.token"),
    repl.broker.call("far.token", {}, { nodeID: "there" }),
  ];
  expect(await Promise.all(typed)).toEqual(["token-of-kim", "token-of-kim", "token-of-kim"]);
  const own = [repl.broker.call("own.calls"), repl.broker.call("own.broker"), real.call("own.token")];
  expect(await Promise.all(own)).toEqual([null, null, null]);
  await session.logout();
  expect(await repl.broker.call("far.token")).toBeNull();
});

test("a refusal is told in the shop's words, without a stack, and an ended session is forgotten", async () => {
  await session.login("kim@example.com", "secret");
  await expect(repl.broker.call("users.refuse")).rejects.toMatchObject({
    type: "FORBIDDEN",
    stack: "You may not do this. (FORBIDDEN)",
  });
  expect(session.user).toBeDefined();
  await expect(repl.broker.call("users.over")).rejects.toMatchObject({
    message: expect.stringMatching(/^Sign in first.*\(UNAUTHENTICATED\)$/),
  });
  expect(session.user).toBeUndefined();
});

test("metrics come from every node, and say from which", async () => {
  await repl.broker.call("far.token");
  await repl.refreshMetrics();
  expect(repl.broker.isMetricsEnabled()).toBe(true);
  const list = repl.broker.metrics.list({ includes: "moleculer.request.total" }) as unknown as {
    values: { labels: object }[];
  }[];
  const labels = list.flatMap(({ values }) => values.map(value => value.labels));
  expect(list).toHaveLength(1);
  expect(labels).toEqual(
    expect.arrayContaining([
      { action: "own.token", node: "here" },
      { action: "far.token", node: "there" },
    ]),
  );
  const names = (repl.broker.metrics.list() as { name: string }[]).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["moleculer.request.time", "process.memory.rss", "process.eventloop.lag"]),
  );
});

test("leaving is what the caller says; everything else is the broker's own", async () => {
  await repl.broker.stop();
  expect(stopped).toBe(1);
  expect([repl.broker.nodeID, repl.broker.registry, repl.broker.getHealthStatus().cpu === undefined]).toEqual([
    "here",
    real.registry,
    false,
  ]);
  repl.broker.createService({ name: "late", actions: { token: tokenIn } });
  expect(real.getLocalService("late").broker).toBe(real);
});

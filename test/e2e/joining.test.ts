// A stock Moleculer broker in a folder of its own, running the example of docs/joining.md: it is taken for living, and
// misses nothing.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { brokerOptions } from "../../moleculer.config";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats } from "../servers";
import { orderFor } from "./client";
import { eventually } from "../helpers/eventually";
import { World } from "./world";

const LIMIT = 180_000;
/** Several times what a stock broker lets pass between two heartbeats. */
/** So many commits an order makes in its service, at most. */
const COMMITS_OF_AN_ORDER = 5;
const WATCHED = 60_000;

const example = (): string => /```js\n([^]*?)```/.exec(readFileSync("docs/joining.md", "utf8"))?.[1] ?? "";

describeWithNats("a service of somebody else", () => {
  let world: World;
  let observer: ServiceBroker | undefined;
  let guest: ChildProcessWithoutNullStreams | undefined;
  let printed = "";
  const gone: string[] = [];

  const natsUrl = () => /NATS is at (nats:\S+\d):/.exec(world.shop.output())?.[1] ?? "";
  const said = (pattern: RegExp) => [...printed.matchAll(pattern)].map(([, what = ""]) => what);

  beforeAll(async () => {
    world = await World.start({ script: "cluster" });
    const env = { NATS_URL: natsUrl(), SERVICES: "mail", NODE_NAME: "observer" };
    observer = new ServiceBroker({ ...brokerOptions(env), logger: false });
    observer.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) => gone.push(node.id));
    await observer.start();

    const folder = temporaryFolder();
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "joined.js"), example());
    guest = spawn(process.execPath, ["joined.js"], {
      cwd: folder,
      env: { PATH: process.env.PATH, NATS_URL: natsUrl() },
      stdio: "pipe",
    });
    guest.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    guest.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
    await eventually(`it has joined\n${printed}`, () => said(/^(joined)$/gm).length === 1);
  }, LIMIT);
  afterAll(async () => {
    guest?.kill("SIGKILL");
    await observer?.stop();
  }, LIMIT);

  test(
    "hears every nudge and every event for a minute, and is never declared dead",
    async () => {
      const [customer, product] = [await world.customer(), await world.product(1000)];
      const head = async () =>
        (await observer?.call<{ head: number }, object>("orders.feed", { after: 0, limit: 1 }))?.head ?? 0;
      const order = async () => customer.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]));
      // A stock broker tells the others of its services a second late.
      await eventually(
        "it hears nudges",
        async () => said(/^nudge (\d+)$/gm).length > 0 || (await order(), await setTimeout(300), false),
      );
      const before = await head();
      const placed: string[] = [];
      for (const until = performance.now() + WATCHED; performance.now() < until; await setTimeout(300)) {
        placed.push((await order()).id);
      }
      const orders = () => said(/^order (\S+)$/gm);
      await eventually("it has read the last one", () => orders().includes(placed.at(-1) ?? ""));
      const after = await head();
      const nudges = () => said(/^nudge (\d+)$/gm).map(Number);
      await eventually("it has heard the last nudge", () => nudges().includes(after));
      // One nudge tells of all commits of a few milliseconds.
      const heard = [before, ...nudges().filter(position => position > before)].sort((a, b) => a - b);
      const gaps = heard.map((position, index) => position - (heard[index - 1] ?? position));

      expect(placed.length).toBeGreaterThan(10);
      expect(placed.filter(id => orders().filter(other => other === id).length !== 1)).toEqual([]);
      expect(gaps.filter(gap => gap > COMMITS_OF_AN_ORDER)).toEqual([]);
      expect(gone).toEqual([]);
      expect(world.shop.output()).not.toContain("Heartbeat is not received");
      expect(printed).not.toContain("Trying again");
    },
    LIMIT,
  );
});

// The main job end to end on six processes over NATS; and what the cluster does when its processes, or its supervisor,
// die.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import { SERVICE_NAMES } from "../../contracts/index";
import { environmentOf as settingsFor, settingNames } from "../../service-files";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats } from "../servers";
import { adminJourney } from "./admin";
import { orderFor } from "./client";
import { customerJourney } from "./customer";
import { eventually } from "../helpers/eventually";
import { clusterOf, isReady, runToEnd } from "./processes";
import { World } from "./world";

const LIMIT = 120_000;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const natsOf = (dataDir: string) => Number(readFileSync(join(dataDir, "nats.pid"), "utf8"));

/** The process ids of everything that belongs to the cluster but the supervisor. */
const processesOf = (dataDir: string) => [...Object.values(clusterOf(dataDir).services), natsOf(dataDir)];

/** The environment that a process was started with: Linux tells it. */
const environmentOf = (pid: number) =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .filter(Boolean)
      .map(line => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

describeWithNats("as six processes over NATS", () => {
  const secrets = {
    AWS_SECRET_ACCESS_KEY: "canary-1",
    TOKEN_KEY: generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey,
  };
  let world: World;
  beforeAll(async () => {
    const dataDir = temporaryFolder();
    // The working directory of the supervisor, and of its children.
    writeFileSync(join(dataDir, ".env"), "MAIL_FROM=shop@canary-2.example\nSMTP_URL=\n");
    world = await World.start({ script: "cluster", env: secrets, dataDir });
  }, LIMIT);

  customerJourney(() => world);
  adminJourney(() => world);

  test("a second cluster on the same data refuses with one sentence", async () => {
    const { code, stderr } = await runToEnd({ script: "cluster", dataDir: world.shop.dataDir });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^.* is in use by another process .*\n$/)]);
  });

  test("the REPL finds the cluster by itself: nodes, services, actions, and a call", async () => {
    const { code, stdout } = await runToEnd({
      script: "repl",
      dataDir: world.shop.dataDir,
      input: "nodes\nservices\nactions\ncall products.list --limit 1\nexit\n",
    });
    expect(code).toBe(0);
    for (const name of SERVICE_NAMES) expect(stdout).toMatch(new RegExp(`${name}-\\S+-${world.shop.pid}`));
    expect(stdout).toContain("orders.place");
    expect(stdout.slice(stdout.indexOf("Call 'products.list'"))).toMatch(/total/);
  });

  (process.platform === "linux" ? test : test.skip)(
    "each process is given its own settings and no others, also those of .env",
    () => {
      const { services } = clusterOf(world.shop.dataDir);
      for (const [name, pid] of Object.entries(services)) {
        const environment = environmentOf(pid);
        // Node's own, for the channel to the supervisor.
        const { NODE_CHANNEL_FD: _fd, NODE_CHANNEL_SERIALIZATION_MODE: _mode, ...given } = environment;
        expect([name, given]).toEqual([name, settingsFor([name], given)]);
        const telling = ["TOKEN_KEY", "ADMIN_PASSWORD", "MAIL_FROM"].filter(key => key in given);
        expect([name, telling]).toEqual([
          name,
          { users: ["TOKEN_KEY", "ADMIN_PASSWORD"], mail: ["MAIL_FROM"] }[name] ?? [],
        ]);
        expect(given).toMatchObject({ SERVICES: name, ENV_FILE: "none" });
      }
      // Its shell may add names of its own.
      expect(
        Object.keys(environmentOf(natsOf(world.shop.dataDir))).filter(
          key => settingNames().includes(key) || key.startsWith("AWS_"),
        ),
      ).toEqual([]);
    },
  );

  test(
    "a process that is started again does not read .env: what is wrong there now is the next start's business",
    async () => {
      writeFileSync(join(world.shop.dataDir, ".env"), "PORT=eighty\n");
      const victim = clusterOf(world.shop.dataDir).services.orders ?? 0;
      process.kill(victim, "SIGKILL");
      await eventually(
        "orders is back",
        async () => clusterOf(world.shop.dataDir).services.orders !== victim && isReady(world.shop.address),
      );
      expect(world.shop.output()).not.toContain("PORT");
      rmSync(join(world.shop.dataDir, ".env"));
    },
    LIMIT,
  );

  test(
    "each process may be killed while orders come in: it comes back, every order is settled, and no piece is lost",
    async () => {
      const { address, dataDir } = world.shop;
      const [customer, product] = [await world.customer(), await world.product(500)];
      const order = orderFor([{ productId: product.id, quantity: 1 }]);
      for (const name of SERVICE_NAMES) {
        const victim = clusterOf(dataDir).services[name] ?? 0;
        // Some of these may fail, as the client's connection or the service dies: only what was acknowledged must be
        // kept.
        const during = Array.from({ length: 3 }, async () => customer.order(order).catch(() => undefined));
        process.kill(victim, "SIGKILL");
        await Promise.all(during);
        await eventually(
          `${name} is back`,
          async () => clusterOf(dataDir).services[name] !== victim && isReady(address),
        );
        expect([name, (await customer.settledOrder(order)).status]).toEqual([name, "confirmed"]);
      }
      const orders = async () =>
        (await customer.get<{ data: Page<Order> }>("/api/orders?expand=items&limit=100")).body.data.items;
      const isAtRest = ({ status, payment }: Order) =>
        (status === "confirmed" && payment.status === "captured") || status === "rejected";
      await eventually("every order is settled", async () => (await orders()).every(isAtRest));
      const sold = (await orders()).filter(({ status }) => status === "confirmed").length;
      expect(sold).toBeGreaterThanOrEqual(SERVICE_NAMES.length);
      await eventually(
        "what is left and what was sold make the whole",
        async () => (await world.left(product)).available + sold === 500,
      );
      expect((await world.left(product)).stock).toBe(500 - sold);
    },
    LIMIT,
  );

  test(
    "NATS may be killed: it comes back on the same port, and the next order is confirmed",
    async () => {
      const { address, dataDir } = world.shop;
      const [customer, product] = [await world.customer(), await world.product(1)];
      const victim = natsOf(dataDir);
      process.kill(victim, "SIGKILL");
      await eventually("NATS is back", async () => natsOf(dataDir) !== victim && isReady(address));
      expect((await customer.settledOrder(orderFor([{ productId: product.id, quantity: 1 }]))).status).toBe(
        "confirmed",
      );
    },
    LIMIT,
  );

  test(
    "Ctrl-C stops all of it, with exit code 0",
    async () => {
      const processes = processesOf(world.shop.dataDir);
      expect(processes.every(isAlive)).toBe(true);
      const { code, stdout } = await world.shop.end("SIGINT");
      expect([code, processes.filter(isAlive)]).toEqual([0, []]);
      // Calls whose answers were lost with the killed processes must not hold anybody up.
      expect(stdout).not.toContain("GracefulStopTimeoutError");
    },
    LIMIT,
  );
});

describeWithNats("a cluster whose supervisor is killed", () => {
  test(
    "leaves no process behind, and its data to the next one",
    async () => {
      const world = await World.start({ script: "cluster" });
      const product = await world.product(3);
      const processes = processesOf(world.shop.dataDir);
      await world.shop.end("SIGKILL");
      await eventually("all processes are gone", () => !processes.some(isAlive));
      const next = await World.start({ script: "cluster", dataDir: world.shop.dataDir });
      expect(await next.left(product)).toEqual({ stock: 3, available: 3 });
      await next.shop.end("SIGTERM");
    },
    LIMIT,
  );
});

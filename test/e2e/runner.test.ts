// The shop as Moleculer developers run it: by the runner that comes with Moleculer, and nothing of ours around it.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats, type Server, startNats } from "../servers";
import { Client, orderFor } from "./client";
import { eventually } from "../helpers/eventually";
import { isReady, type Process, startProcess } from "./processes";
import { ADMIN } from "./world";

const LIMIT = 90_000;

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const server = createServer().once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });

interface Run {
  address: string;
  process: Process;
}

/**
 * Runs `moleculer-runner --config …/moleculer.config.js …` as it is typed.
 * @param more `dist`: where the compiled program is
 */
const run = async (
  what: readonly string[],
  env: Readonly<Record<string, string>> = {},
  more: { dataDir?: string; dist?: string; input?: string } = {},
): Promise<Run> => {
  const { dist = resolve("dist"), ...settings } = more;
  const port = await freePort();
  const process = startProcess({
    ...settings,
    file: join(dist, "..", "node_modules", "moleculer", "bin", "moleculer-runner.js"),
    args: ["--config", join(dist, "moleculer.config.js"), ...what.map(part => part.replace("dist", dist))],
    env: { ENV_FILE: "none", PORT: String(port), ...ADMIN, ...env },
  });
  return { address: `http://127.0.0.1:${port}`, process };
};

const stop = async ({ process }: Run) => {
  process.signal("SIGTERM");
  return process.ended;
};

/** An order that was confirmed, placed by a new customer. */
const orderAt = async (address: string) => {
  const customer = await Client.register(address);
  const [product] = (await customer.products("?limit=1")).items;
  const order = await customer.settledOrder(orderFor([{ productId: product?.id ?? "", quantity: 1 }]));
  return { customer, order, total: order.total.amount };
};

describe("moleculer-runner --config dist/moleculer.config.js dist/services", () => {
  test(
    "opens the shop, tells what is to be known once, and ends cleanly on SIGTERM",
    async () => {
      const shop = await run(["dist/services"], { ADMIN_EMAIL: "", ADMIN_PASSWORD: "" });
      await eventually("the shop is ready", () => isReady(shop.address));
      expect((await orderAt(shop.address)).order.status).toBe("confirmed");
      await eventually("the address is told", () =>
        shop.process.output().includes(`Jangteo is open at ${shop.address}`),
      );
      const password = /Admin: admin@jangteo\.example · password: (\S+)/.exec(shop.process.output())?.[1] ?? "";
      await expect(Client.signIn(shop.address, "admin@jangteo.example", password)).resolves.toBeInstanceOf(Client);
      expect((await stop(shop)).code).toBe(0);
    },
    LIMIT,
  );

  test(
    "with the example's folder as well, points are counted from confirmed orders",
    async () => {
      const shop = await run(["dist/services", "dist/examples", "--repl"], {}, { input: "call loyalty.points\n" });
      await eventually("the shop is ready", () => isReady(shop.address));
      // The REPL has no token: the example's action is as closed as the shop's own.
      await eventually("the REPL has answered", () => shop.process.output().includes("UNAUTHENTICATED"));
      await stop(shop);
    },
    LIMIT,
  );

  test(
    "with --hot, a service that is changed is loaded anew, and the shop goes on",
    async () => {
      const folder = temporaryFolder();
      const dist = join(folder, "dist");
      cpSync("dist", dist, { recursive: true });
      symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
      const shop = await run(["--hot", "dist/services"], {}, { dist });
      await eventually("the shop is ready", () => isReady(shop.address));
      const before = await orderAt(shop.address);
      const rules = join(dist, "services", "products", "product.js");
      const changed = readFileSync(rules, "utf8").replace(/^(\s+)description,$/m, '$1description: "Changed",');
      const isChanged = async () => {
        // While it is loaded anew the answer is 503.
        const list = await new Client(shop.address).get<{ data?: { items: { description: string }[] } }>(
          "/api/products?limit=1",
        );
        return list.body.data?.items[0]?.description === "Changed";
      };
      // A change is waited for in peace: the runner reloads half a second after the last one.
      const saves = setInterval(() => writeFileSync(rules, changed), 3000);
      await eventually("the change is seen", isChanged).finally(() => clearInterval(saves));
      expect((await orderAt(shop.address)).order.status).toBe("confirmed");
      expect((await before.customer.readOrder(before.order.id)).status).toBe("confirmed");
      await stop(shop);
    },
    LIMIT,
  );
});

describeWithNats("with SERVICES, over NATS", () => {
  let nats: Server;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(async () => nats.stop());

  test(
    "each process hosts what it names, and together they are the shop",
    async () => {
      const dataDir = temporaryFolder();
      const start = (names: string) => run(["dist/services"], { SERVICES: names, NATS_URL: nats.url }, { dataDir });
      const others = await start("api,users,products,payments,mail");
      const orders = await start("orders");
      await eventually("the shop is ready", () => isReady(others.address));
      expect((await orderAt(others.address)).order.status).toBe("confirmed");
      expect((await stop(orders)).stdout).not.toMatch(/Service '(?!orders)\w+' started/);
      expect((await stop(others)).code).toBe(0);
    },
    LIMIT,
  );
});

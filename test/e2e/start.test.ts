// Starting and stopping, as a person at a terminal sees it: the first start, the next one, and every start that must
// not be.
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { temporaryFolder } from "../helpers/broker";
import { Client, orderFor } from "./client";
import { type Running, runToEnd, startShop } from "./processes";

const LIMIT = 90_000;
const ADMIN = "admin@jangteo.example";
/** One line and nothing else: no stack, no second line. */
const sentence = (part: RegExp) => expect.stringMatching(new RegExp(`^[^\\n]*${part.source}[^\\n]*\\n$`));

describe("a first start on an empty folder", () => {
  let shop: Running;
  beforeAll(async () => {
    shop = await startShop();
  }, LIMIT);

  test("fills the catalogue, and prints an admin's password that works", async () => {
    expect((await new Client(shop.address).products()).total).toBe(194);
    const admin = await Client.signIn(shop.address, ADMIN, shop.adminPassword ?? "");
    expect((await admin.get("/api/users")).status).toBe(200);
  });

  test("prints lines that work as pasted, down to a confirmed order", async () => {
    const lines = shop.output().slice(shop.output().indexOf("SHOP="));
    const { stdout } = await promisify(execFile)("sh", ["-ec", lines]);
    expect(stdout).toMatch(/"status":"confirmed".*"status":"captured"/);
  });

  test("has a demo that walks the whole journey", async () => {
    const { code, stdout, stderr } = await runToEnd({ script: "demo", args: [shop.address] });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("All as promised.");
  });

  test(
    "ends on Ctrl-C with exit code 0, and the next start finds everything and prints no password",
    async () => {
      const customer = await Client.register(shop.address);
      const [product] = (await customer.products("?limit=1")).items;
      const order = await customer.settledOrder(orderFor([{ productId: product?.id ?? "", quantity: 1 }]));
      expect((await shop.end("SIGINT")).code).toBe(0);
      const next = await startShop({ dataDir: shop.dataDir });
      expect(next.adminPassword).toBeUndefined();
      const again = new Client(next.address, customer.token);
      expect(await again.readOrder(order.id)).toEqual(order);
      expect((await again.product(product?.id ?? "")).available).toBe((product?.available ?? 0) - 1);
      expect((await next.end("SIGTERM")).code).toBe(0);
    },
    LIMIT,
  );
});

describe("a start that must not be ends with one sentence and exit code 1", () => {
  test(
    "when another process has the store",
    async () => {
      const shop = await startShop();
      expect(await runToEnd({ dataDir: shop.dataDir })).toEqual({
        code: 1,
        stdout: "",
        stderr: sentence(/in use by another process.*DATA_DIR/),
      });
      expect((await new Client(shop.address).get("/health/ready")).status).toBe(200);
    },
    LIMIT,
  );

  test(
    "when the port is taken",
    async () => {
      const other: Server = await new Promise(resolve => {
        const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
      });
      const address = other.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const { code, stderr } = await runToEnd({ env: { PORT: String(port) } });
      other.close();
      expect([code, stderr]).toEqual([1, sentence(new RegExp(`Port ${port} .*in use`))]);
    },
    LIMIT,
  );

  test.each([
    [{ PORT: "eighty" }, /PORT=eighty is not usable/],
    [{ SERVICES: "orders,shipping" }, /SERVICES=shipping is not usable/],
    [{ SERVICES: "orders" }, /NATS_URL is not set/],
    [{ MONGO_URL: "postgres://localhost" }, /MONGO_URL is not usable: it must be a mongodb/],
    [{ NATS_URL: "nats://joe:s3c,ret@localhost" }, /^(?!.*(s3c|ret@))NATS_URL is not usable/],
    [{ NODE_ENV: "production" }, /ADMIN_EMAIL is not set/],
    [{ TOKEN_KEY: "secret" }, /TOKEN_KEY/],
    [{ HOST: "203.0.113.1" }, /HOST=203\.0\.113\.1/],
  ])("when the settings are %j", async (env, part) => {
    expect(await runToEnd({ env: { ...env } })).toEqual({ code: 1, stdout: "", stderr: sentence(part) });
  });

  test(
    "when the products are priced in another currency",
    async () => {
      const shop = await startShop();
      await shop.end("SIGTERM");
      const { code, stderr } = await runToEnd({ dataDir: shop.dataDir, env: { CURRENCY: "KRW" } });
      expect([code, stderr]).toEqual([1, sentence(/CURRENCY=KRW does not fit.*USD/)]);
    },
    LIMIT,
  );

  test(
    "when NATS does not answer",
    async () => {
      const { code, stderr } = await runToEnd({ env: { NATS_URL: "nats://joe:s3cret@127.0.0.1:9", SERVICES: "mail" } });
      expect([code, stderr]).toEqual([1, sentence(/NATS at 127\.0\.0\.1:9 does not answer/)]);
      expect(stderr).not.toContain("s3cret");
    },
    LIMIT,
  );

  test("when there is no nats-server for a cluster", async () => {
    const { code, stderr } = await runToEnd({ script: "cluster", env: { PATH: temporaryFolder() } });
    expect([code, stderr]).toEqual([1, sentence(/no nats-server.*apt-get install nats-server/)]);
  });

  test("when there is no cluster for the REPL, or no shop for the demo", async () => {
    expect(await runToEnd({ script: "repl" })).toEqual({ code: 1, stdout: "", stderr: sentence(/npm run cluster/) });
    const { code, stderr } = await runToEnd({ script: "demo", args: ["http://127.0.0.1:9"] });
    expect([code, stderr]).toEqual([1, sentence(/npm start/)]);
  });
});

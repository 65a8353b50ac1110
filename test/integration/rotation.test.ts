// Of two instances, one that is cut off from its store leaves the work to the other, and takes it up again.
import { connect, createServer, type Socket } from "node:net";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { type Started, startServices } from "../helpers/broker";
import { ask, type Asked } from "../helpers/http";
import { tokenMaker } from "../helpers/tokens";
import {
  describeWithMongoProcess,
  describeWithNats,
  type ServerProcess,
  startMongoProcess,
  startNats,
} from "../servers";
import { eventually } from "../helpers/eventually";

/** A TCP proxy before a server that can be cut, and mended. */
const startProxy = async (port: number) => {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer(client => {
    if (isCut) return void client.destroy();
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from
        .on("error", () => to.destroy())
        .on("close", () => sockets.delete(from))
        .pipe(to);
    }
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  const drop = () => sockets.forEach(socket => socket.destroy());
  return {
    url: `mongodb://127.0.0.1:${typeof at === "object" && at ? at.port : 0}`,
    cut() {
      isCut = true;
      drop();
    },
    mend: () => void (isCut = false),
    stop() {
      drop();
      server.close();
    },
  };
};

describeWithNats("over NATS", () => {
  describeWithMongoProcess("two instances of products on one database", () => {
    let servers: [ServerProcess, ServerProcess];
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let near: Started;
    let far: Started;
    let caller: Started;
    beforeAll(async () => {
      servers = [await startNats(), await startMongoProcess()];
      const [nats, mongo] = servers;
      proxy = await startProxy(mongo.port);
      const start = async (url: string, names: readonly ("products" | "mail")[] = ["products"]) =>
        startServices(names, {
          env: { NATS_URL: nats.url, MONGO_URL: `${url}/rotation?directConnection=true`, STORE_TIMEOUT_MS: "500" },
        });
      near = await start(`mongodb://127.0.0.1:${mongo.port}`);
      far = await start(proxy.url);
      caller = await start(`mongodb://127.0.0.1:${mongo.port}`, []);
      await caller.broker.waitForServices("products");
      await eventually("both are known", () => instances().length === 2);
    }, 60_000);
    afterAll(async () => {
      for (const started of [caller, far, near]) await started.stop();
      proxy.stop();
      for (const server of servers) await server.stop();
    }, 60_000);

    const instances = () =>
      caller.broker.registry
        .getActionList({ onlyAvailable: true, withEndpoints: true })
        .flatMap(({ name, endpoints = [] }: { name: string; endpoints?: { nodeID: string }[] }) =>
          name === "products.release" ? endpoints.map(({ nodeID }) => nodeID) : [],
        );
    let orders = 0;
    const change = async () => caller.call("products.release", { orderId: `ord_${(orders += 1)}` });

    test("cut off, it leaves: all changes succeed at the other; mended, both serve again", async () => {
      const token = await tokenMaker(caller.broker);
      expect(token("x")).toBeTruthy();
      await change();
      proxy.cut();
      await eventually("the one that is cut off has left", () => !instances().includes(far.broker.nodeID));
      for (let round = 0; round < 20; round += 1) await change();
      expect(far.logs.filter(line => line.includes("has not answered for 5 s"))).toHaveLength(1);
      // Its neighbours' feeds still reach it: only its actions are withdrawn.
      expect(
        far.broker.registry
          .getServiceList({ onlyLocal: true })
          .some(({ name }: { name: string }) => name === "products"),
      ).toBe(true);

      proxy.mend();
      await eventually("both serve again", () => instances().length === 2);
      await Promise.all(Array.from({ length: 20 }, change));
    }, 90_000);
  });

  describeWithMongoProcess("two instances of orders on one database, behind a gateway", () => {
    const admin = { email: "boss@example.com", password: "long enough" };
    const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
    let servers: [ServerProcess, ServerProcess];
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let near: Started;
    let far: Started;
    let shop: Started;
    beforeAll(async () => {
      servers = [await startNats(), await startMongoProcess()];
      const [nats, mongo] = servers;
      proxy = await startProxy(mongo.port);
      const path = "/rotation?directConnection=true";
      const orders = (url: string) =>
        startServices(["orders"], { env: { NATS_URL: nats.url, MONGO_URL: `${url}${path}`, STORE_TIMEOUT_MS: "500" } });
      near = await orders(`mongodb://127.0.0.1:${mongo.port}`);
      far = await orders(proxy.url);
      const env = { NATS_URL: nats.url, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password };
      shop = await startServices(["api", "users", "products", "payments"], { env });
      await Promise.all([near, far].map(({ broker }) => broker.waitForServices(["users", "products", "payments"])));
      await eventually("both are known", () => takers().length === 2);
    }, 60_000);
    afterAll(async () => {
      for (const started of [shop, far, near]) await started?.stop();
      proxy?.stop();
      for (const server of servers) await server.stop();
    }, 60_000);

    const takers = () =>
      shop.broker.registry
        .getActionList({ onlyAvailable: true, withEndpoints: true })
        .flatMap(({ name, endpoints = [] }: { name: string; endpoints?: { nodeID: string }[] }) =>
          name === "orders.place" ? endpoints.map(({ nodeID }) => nodeID) : [],
        );
    const send = (line: string, asked?: Asked) => ask(runtimeOf(shop.broker).address ?? "", line, asked);
    const ready = async () => (await send("GET /health/ready")).status;

    const CUT_OFF_HAS_LEFT =
      "once the one that is cut off has left, every order is taken and the shop stays ready; mended, it serves again";
    test(
      CUT_OFF_HAS_LEFT,
      async () => {
        const { token } = (await send("POST /api/users/login", { body: admin })).json<{ token: string }>();
        const mug = {
          sku: "MUG",
          name: "Mug",
          category: "kitchen",
          price: { amount: 500, currency: "USD" },
          stock: 1000,
        };
        const { data: product } = (await send("POST /api/products", { body: mug, token })).json<{
          data: { id: string };
        }>();
        let serial = 0;
        const body = {
          items: [{ productId: product.id, quantity: 1 }],
          shippingAddress,
          payment: { method: "sandbox:ok" },
        };
        const order = async () => {
          const headers = { "idempotency-key": `key-${(serial += 1)}` };
          const placed = await send("POST /api/orders", { body, headers, token });
          const id = placed.status < 300 ? placed.json<{ data: { id: string } }>().data.id : "none";
          const read = await send(`GET /api/orders/${id}`, { token });
          return [placed.status < 300, read.status, await ready()];
        };
        const good = [true, 200, 200];
        expect(await order()).toEqual(good);

        proxy.cut();
        await eventually("the one that is cut off has left", () => !takers().includes(far.broker.nodeID));
        for (let round = 0; round < 20; round += 1) expect(await order()).toEqual(good);
        expect(takers()).toEqual([near.broker.nodeID]);
        expect(far.logs.filter(line => line.includes("The store of orders has not answered for 5 s"))).toHaveLength(1);

        proxy.mend();
        await eventually("both serve again", () => takers().length === 2);
        for (let round = 0; round < 20; round += 1) expect(await order()).toEqual(good);
        const atFar = shop.broker.call("orders.health", {}, { nodeID: far.broker.nodeID });
        await expect(atFar).resolves.toEqual({});
      },
      120_000,
    );
  });
});

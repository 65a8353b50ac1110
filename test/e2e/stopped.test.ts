// A process that stands still and wakes up: what its callers have given up meanwhile must not happen any more.
import { setTimeout } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { describeWithNats, pauseProcess } from "../servers";
import { eventually } from "../helpers/eventually";
import { clusterOf, isReady } from "./processes";
import { World } from "./world";

const LIMIT = 120_000;

describeWithNats("a process that is stopped for a while", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ script: "cluster" });
  }, LIMIT);
  afterAll(async () => world.shop.end("SIGTERM"), LIMIT);

  const pidOf = (service: string) => clusterOf(world.shop.dataDir).services[service] ?? 0;
  const stop = (service = "products") => pauseProcess(pidOf(service));
  const wake = async (service = "products") => {
    process.kill(pidOf(service), "SIGCONT");
    await eventually("the shop is whole again", () => isReady(world.shop.address));
  };
  const add = (id: string, delta: number) => world.admin.post<object>(`/api/products/${id}/stock`, { delta });

  test.each([
    ["as soon as the caller was told so, before its deadline", 0],
    ["long after the caller's deadline", 10_000],
  ])(
    "products does not start what was refused to the caller: woken %s",
    async (_when, asleep) => {
      const product = await world.product(5);
      stop();
      const refused = await add(product.id, 1);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      await setTimeout(asleep);
      await wake();
      // What waited in the socket was read before this one.
      expect((await add(product.id, 10)).status).toBe(200);
      expect(await world.left(product)).toEqual({ stock: 15, available: 15 });
    },
    LIMIT,
  );

  test(
    "the gateway does not start what was asked by a client that has left",
    async () => {
      const product = await world.product(5);
      stop("api");
      const impatient = {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${world.admin.token}` },
        body: JSON.stringify({ delta: 1 }),
      };
      const asked = Array.from({ length: 20 }, async () =>
        fetch(`${world.shop.address}/api/products/${product.id}/stock`, {
          ...impatient,
          signal: AbortSignal.timeout(1000),
        }),
      );
      expect((await Promise.allSettled(asked)).every(({ status }) => status === "rejected")).toBe(true);
      await setTimeout(1500);
      await wake("api");
      expect((await add(product.id, 10)).status).toBe(200);
      expect(await world.left(product)).toEqual({ stock: 15, available: 15 });
    },
    LIMIT,
  );

  test(
    "products does not start what a guest's stock broker asked for and gave up",
    async () => {
      const product = await world.product(5);
      const transporter = { type: "NATS" as const, options: { servers: clusterOf(world.shop.dataDir).natsUrl } };
      const guest = new ServiceBroker({
        namespace: "jangteo",
        nodeID: "guest",
        logger: false,
        heartbeatInterval: 1,
        transporter,
      });
      await guest.start();
      try {
        await guest.waitForServices("products");
        stop();
        const reserve = guest.call(
          "products.reserve",
          { orderId: "guests", lines: [{ productId: product.id, quantity: 5 }] },
          { timeout: 500 },
        );
        await expect(reserve).rejects.toMatchObject({ type: "REQUEST_TIMEOUT" });
        await setTimeout(2500);
        await wake();
        expect((await add(product.id, 10)).status).toBe(200);
        expect(await world.left(product)).toEqual({ stock: 15, available: 15 });
      } finally {
        await guest.stop();
      }
    },
    LIMIT,
  );
});

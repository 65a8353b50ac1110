// The gateway over NATS: services on other nodes, and NATS itself gone.
import { setTimeout } from "node:timers/promises";
import { Rounds } from "../../lib/rounds";
import { pageOf, product } from "../helpers/examples";
import { commit, type Gateway, startGateway } from "../helpers/gateway";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

describeWithNats("gateway over NATS", () => {
  let nats: ServerProcess;
  let near: Gateway;
  let far: Gateway;
  beforeAll(async () => {
    nats = await startNats();
    const env = { NATS_URL: nats.url };
    near = await startGateway({ env });
    far = await startGateway({ env, absent: ["users", "products", "orders", "payments"] });
    await far.broker.waitForServices(["users", "products", "orders", "payments"]);
  });
  afterAll(async () => {
    nats.resume();
    await far.stop();
    await near.stop();
    await nats.stop();
  });
  /** Asks until the readiness answer is as wanted, or the time is up. */
  const readiness = async (milliseconds: number, wanted: (status: number, missing: unknown) => boolean) => {
    const start = performance.now();
    for (;;) {
      const answer = await far.send("GET /health/ready");
      if (wanted(answer.status, answer.json().missing) || performance.now() - start > milliseconds) return answer;
    }
  };

  test("a change on another node is visible through a gateway that had the old answer ready", async () => {
    let stock = 5;
    near.fakes["products.list"] = async () => pageOf({ ...product, stock });
    type Listed = { data: { items: { stock: number }[] } };
    const listed = async () => (await far.send("GET /api/products")).json<Listed>().data.items[0]?.stock;
    expect(await listed()).toBe(stock);
    // Without the looks of each second only the nudge tells, and after five seconds the answer's age.
    const looks = jest.spyOn(Rounds.prototype as unknown as { schedule(): void }, "schedule").mockReturnValue();
    let nudged = 0;
    for (let round = 0; round < 5; round += 1) {
      expect(await listed()).toBe(stock);
      stock += 1;
      const start = performance.now();
      await commit(near.products, "prd_1", { type: "StockAdjusted", data: { delta: 1 } });
      while ((await listed()) !== stock) await setTimeout(5);
      if (performance.now() - start < 4000) nudged += 1;
    }
    looks.mockRestore();
    expect(nudged).toBeGreaterThanOrEqual(3);
  });

  test("an end of sessions on another node is known here", async () => {
    const token = near.token("usr_5");
    const status = async () => (await far.send("GET /api/users/profile", { token })).status;
    expect(await status()).toBe(200);
    // The token is of version 1: what ends it comes later.
    await commit(near.users, "usr_5", { type: "ProfileChanged", data: {} });
    await commit(near.users, "usr_5", { type: "SessionsEnded", data: {} });
    const start = performance.now();
    while ((await status()) !== 401) expect(performance.now() - start).toBeLessThan(5000);
  });

  test("while NATS does not answer the gateway lives and is not ready; afterwards it is ready by itself", async () => {
    expect((await far.send("GET /health/ready")).status).toBe(200);
    nats.pause();
    const cutOff = await readiness(5000, (_status, missing) => Array.isArray(missing) && missing.includes("nats"));
    expect([cutOff.status, cutOff.json()]).toMatchObject([
      503,
      { code: "SERVICE_UNAVAILABLE", missing: expect.arrayContaining(["nats"]) as unknown },
    ]);
    expect((await far.send("GET /health/live")).status).toBe(200);
    nats.resume();
    expect((await readiness(15_000, status => status === 200)).status).toBe(200);
  });
});

// How the gateway begins, says what it needs, and ends.
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { StartupError } from "../../lib/errors";
import type { Draining } from "../../lib/moleculer/middlewares/drain";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { order } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";

describe("readiness", () => {
  test("names what is missing and says when to come again, while life goes on", async () => {
    const gateway = await startGateway({ absent: ["orders", "payments"] });
    const answer = await gateway.send("GET /health/ready");
    expect([answer.status, answer.headers["retry-after"], answer.headers["content-type"]]).toEqual([
      503,
      "1",
      "application/problem+json",
    ]);
    expect(answer.json()).toMatchObject({ code: "SERVICE_UNAVAILABLE", missing: ["orders", "payments"] });
    expect((await gateway.send("GET /health/live")).status).toBe(200);

    const order503 = await gateway.send("GET /api/orders", { token: gateway.token("usr_1") });
    expect([order503.status, order503.headers["retry-after"], order503.json().code]).toEqual([
      503,
      "1",
      "SERVICE_UNAVAILABLE",
    ]);

    await gateway.add("orders");
    await gateway.add("payments");
    expect((await gateway.send("GET /health/ready")).status).toBe(200);
    await gateway.stop();
  });

  test("a service whose store does not answer is missing, within two seconds even if it hangs", async () => {
    const gateway = await startGateway({ absent: ["payments"] });
    let release: (value: object) => void = () => undefined;
    const hung = new Promise<object>(resolve => {
      release = resolve;
    });
    gateway.broker.createService({ name: "payments", actions: { health: () => hung } });
    const start = performance.now();
    expect((await gateway.send("GET /health/ready")).json().missing).toEqual(["payments"]);
    expect(performance.now() - start).toBeLessThan(4000);
    release({});
    await gateway.stop();
  });
});

describe("mail, without which the shop sells", () => {
  const soon = async (gateway: Gateway, body: object) => {
    const look = async () => {
      const answer = await gateway.send("GET /health/ready");
      return [answer.status, answer.json()];
    };
    for (const until = Date.now() + 20_000; Date.now() < until; await setTimeout(20))
      if (isDeepStrictEqual(await look(), [200, body])) return;
    expect(await look()).toEqual([200, body]);
  };
  const whole = { success: true, status: "ready" };
  const degraded = { ...whole, degraded: ["mail"] };

  test("does not make the gateway unready, but whoever looks sees it, and the log tells it once", async () => {
    const gateway = await startGateway();
    const mail = { works: true };
    gateway.broker.createService({
      name: "mail",
      actions: { health: async () => (mail.works ? {} : Promise.reject(new Error("Its store is gone."))) },
    });
    await soon(gateway, whole);
    mail.works = false;
    await soon(gateway, degraded);
    await soon(gateway, degraded);
    mail.works = true;
    await soon(gateway, whole);
    const told = gateway.logs.filter(line => /mail (does not answer|answers again)/.test(line));
    expect(told).toEqual([
      expect.stringMatching(/^warn mail does not answer.*what mail does waits/),
      expect.stringMatching(/^info mail answers again/),
    ]);
    await gateway.stop();
  });

  test("holds up no answer while it hangs, and is asked once at a time", async () => {
    const gateway = await startGateway();
    let asked = 0;
    const hung = new Promise<object>(() => undefined);
    gateway.broker.createService({ name: "mail", actions: { health: async () => ((asked += 1), hung) } });
    // Had it been waited for, it would be known by now that it does not answer.
    expect((await gateway.send("GET /health/ready")).json()).toEqual(whole);
    for (let look = 0; look < 30; look += 1) await gateway.send("GET /health/ready");
    expect(asked).toBeLessThan(30);
    await soon(gateway, degraded);
    await gateway.stop();
  });
});

describe("start", () => {
  let other: Server;
  afterEach(() => other.close());

  test("on a taken port it fails with one sentence that names PORT", async () => {
    other = createServer();
    await new Promise<void>(resolve => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const { port } = other.address() as AddressInfo;
    const failed = startGateway({ env: { PORT: String(port) } });
    await expect(failed).rejects.toBeInstanceOf(StartupError);
    await expect(failed).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is already in use. ` +
        "Stop the program that uses it, or set PORT to another one (PORT=0 picks a free one).",
    );
  });

  test("its address is known once it listens, and not afterwards", async () => {
    const gateway = await startGateway();
    expect(runtimeOf(gateway.broker).address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await gateway.stop();
    expect(runtimeOf(gateway.broker).address).toBeUndefined();
  });
});

describe("stop", () => {
  test("finishes what is in flight, takes nothing new after that, and waits for nobody who is idle", async () => {
    const gateway = await startGateway();
    let release: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    gateway.fakes["orders.get"] = async () => {
      await held;
      return order;
    };
    const { hostname, port } = new URL(gateway.address);
    // One that never says a word, and one that keeps its connection after an answer.
    const silent = connect(Number(port), hostname);
    const kept = await fetch(`${gateway.address}/health/live`);
    await kept.text();
    const inFlight = gateway.send("GET /api/orders/ord_1", { token: gateway.token("usr_1") });
    while (gateway.calls.length === 0) await new Promise(resolve => setImmediate(resolve));

    const connection = async () =>
      (await gateway.send("GET /health/live", { headers: { connection: "keep-alive" } })).headers.connection;
    expect(await connection()).toBe("keep-alive");
    const start = performance.now();
    let done = false;
    const api = gateway.broker.getLocalService("api").schema as unknown as Draining;
    const drained = api.drain().then(() => (done = true));
    // Those who still come are told to leave.
    expect(await connection()).toBe("close");
    const refused = async () => {
      try {
        await gateway.send("GET /health/live");
        return false;
      } catch {
        return true;
      }
    };
    while (!(await refused())) await setTimeout(10);
    expect(done).toBe(false);
    release();
    const answer = await inFlight;
    expect([answer.status, answer.headers.connection]).toEqual([200, "close"]);
    await drained;
    expect(performance.now() - start).toBeLessThan(5000);
    silent.destroy();
    await gateway.stop();
  });
});

// What is larger than one message of NATS: lists and feeds come in parts that fit, and what cannot be cut is refused by
// name.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { productEvents } from "../../contracts/product-events";
import { EventStore } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import { memoryCheckpoint } from "../../lib/events/checkpoint";
import { Follower } from "../../lib/events/follower";
import { type Started, startServices, temporaryFolder } from "../helpers/broker";
import { startGateway } from "../helpers/gateway";
import { sharedStores } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

const KOREAN = "장터에서파는아주좋은물건입니다";
const korean = (length: number) =>
  KOREAN.repeat(Math.ceil(length / KOREAN.length))
    .slice(0, length)
    .trim()
    .padEnd(length, "다");
const price = { amount: 500, currency: "USD" };
const shippingAddress = { name: "김민지", line1: "종로 1", city: "서울", postalCode: "03154", country: "KR" };

/** A server that says it carries no more than that many bytes. */
const startNatsWith = async (maxPayload: number): Promise<ServerProcess> => {
  const config = join(temporaryFolder(), "nats.conf");
  writeFileSync(config, `max_payload: ${maxPayload}\n`);
  return startNats({ config });
};

const eventually = async (look: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 20_000; !(await look()); await new Promise(resolve => setTimeout(resolve, 20)))
    if (Date.now() > end) throw new Error(`This did not come true: ${look.toString()}`);
};

describeWithNats("a shop over NATS with its default limit of 1 MiB", () => {
  let nats: ServerProcess;
  let shop: Started;
  let far: Started;
  let token: Awaited<ReturnType<typeof tokenMaker>>;

  beforeAll(async () => {
    nats = await startNats();
    // What is large takes its time on a busy machine; this is not about anybody's patience.
    const env = { NATS_URL: nats.url, REQUEST_TIMEOUT_MS: "100000" };
    shop = await startServices(["products", "orders", "payments"], { env });
    token = await tokenMaker(shop.broker);
    far = await startServices([], { env });
    await far.broker.waitForServices(["users", "products", "orders", "payments"], 20_000, 20);
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        shop.call(
          "products.create",
          { sku: `K-${index}`, name: korean(200), description: korean(5000), category: "식품", price, stock: 1000 },
          { token: token("root", "admin") },
        ),
      ),
    );
  });
  afterAll(async () => {
    await far?.stop();
    await shop?.stop();
    await nats?.stop();
  });

  test("a page of 100 Korean products comes cut short, and says so; smaller pages come whole", async () => {
    const page = await far.call("products.list", { limit: 100 });
    expect(page).toMatchObject({ total: 100, limit: 100, truncated: true });
    expect(page.items.length).toBeGreaterThan(50);
    expect(page.items.length).toBeLessThan(100);
    const small = await far.call("products.list", { limit: 50 });
    expect([small.items.length, "truncated" in small]).toEqual([50, false]);
  });

  test("the feed of these products arrives to its end", async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    const follower = new Follower<typeof productEvents>({
      read: (after, limit) => far.call("products.feed", { after, limit }),
      checkpoint: memoryCheckpoint(async () => 0),
      apply: event => void (event.type === "ProductCreated" && seen.push(event.data.sku)),
      onError: error => errors.push(error),
    });
    await follower.nudge();
    await follower.stop();
    expect(errors).toEqual([]);
    expect(new Set(seen).size).toBe(100);
  });

  test("a list of orders with twenty Korean lines each comes, cut where it must be", async () => {
    const ids = (await far.call("products.list", { limit: 20 })).items.map(({ id }) => id);
    const place = (index: number) =>
      far.call(
        "orders.place",
        {
          idempotencyKey: `k${index}`,
          items: ids.map(productId => ({ productId, quantity: 1 })),
          shippingAddress,
          payment: { method: "sandbox:ok" },
        },
        { token: token("kim") },
      );
    for (let round = 0; round < 8; round += 1)
      await Promise.all(Array.from({ length: 10 }, (_, index) => place(round * 10 + index)));
    const page = await far.call("orders.list", { limit: 100, expand: "items" }, { token: token("kim") });
    expect(page.total).toBe(80);
    expect(page.items.length === 80 || page.truncated === true).toBe(true);
  });

  test("an answer that cannot be cut is refused by name, at once, to the caller and in the log", async () => {
    shop.broker.createService({ name: "hoard", actions: { all: () => "가".repeat(400_000), one: () => "가" } });
    await far.broker.waitForServices("hoard", 20_000, 20);
    await expect(far.broker.call("hoard.all")).rejects.toMatchObject({ type: "ANSWER_TOO_LARGE", retryable: false });
    expect(
      far.logs.filter(line => line.startsWith("error") && line.includes("hoard.all") && line.includes("max_payload")),
    ).toHaveLength(1);
    expect(shop.logs.some(line => line.startsWith("error") && line.includes("max_payload"))).toBe(true);
    expect(await far.broker.call("hoard.one")).toBe("가");
  });

  test("a call that is too large is refused by name and leaves nothing behind", async () => {
    const pending = () =>
      (far.broker.transit as unknown as { pendingRequests: Map<string, unknown> }).pendingRequests.size;
    const before = pending();
    await expect(far.broker.call("hoard.one", { all: "가".repeat(400_000) })).rejects.toMatchObject({
      type: "BODY_TOO_LARGE",
      retryable: false,
    });
    expect(pending()).toBe(before);
  });

  test("an event that is too large is reported and does not throw at who emits it", async () => {
    shop.broker.createService({ name: "listener", events: { "hoard.told": () => undefined } });
    await far.broker.waitForServices("listener", 20_000, 20);
    const emit = () => far.broker.broadcast("hoard.told", { all: "가".repeat(400_000) }).catch(() => undefined);
    expect(emit).not.toThrow();
    await emit();
    await eventually(() => far.logs.some(line => line.startsWith("error") && line.includes("hoard.told")));
  });
});

describeWithNats("a NATS server that carries 64 KiB", () => {
  let nats: ServerProcess;
  beforeAll(async () => {
    nats = await startNatsWith(65_536);
  });
  afterAll(() => nats?.stop());

  test("gets pages that fit, and a commit that does not is named in its feed's refusal, with what to do", async () => {
    const env = { NATS_URL: nats.url };
    const openStore = sharedStores(() => temporaryStore());
    const shop = await startServices(["products"], { env, openStore });
    const token = await tokenMaker(shop.broker);
    const far = await startServices([], { env });
    await far.broker.waitForServices(["users", "products"], 20_000, 20);
    for (let index = 0; index < 12; index += 1) {
      await shop.call(
        "products.create",
        { sku: `K-${index}`, name: korean(200), description: korean(3000), category: "식품", price, stock: 1 },
        { token: token("root", "admin") },
      );
    }
    expect(await far.call("products.list", { limit: 12 })).toMatchObject({ total: 12, truncated: true });
    const page = await far.call("products.feed", { after: 0, limit: 200 });
    expect(page.commits.length).toBeGreaterThan(1);
    expect(page.commits.length).toBeLessThan(12);

    const log = await EventStore.open<typeof productEvents>(await openStore("products"), () => new Date());
    const { _id: position } = await log.append(
      ["a", "b", "c", "d"].map(name =>
        unwritten(`prd_${name}`).append([
          {
            type: "ProductCreated",
            data: {
              sku: name,
              name: korean(200),
              description: korean(5000),
              category: "식품",
              price,
              stock: 1,
              images: [],
              attributes: {},
              rating: null,
            },
          },
        ]),
      ),
    );
    await expect(far.call("products.feed", { after: position - 1, limit: 200 })).rejects.toMatchObject({
      type: "ANSWER_TOO_LARGE",
      message: expect.stringContaining(`Commit ${position} `) as string,
    });
    expect(
      shop.logs.some(
        line => line.startsWith("error") && line.includes("products.feed") && line.includes("max_payload"),
      ),
    ).toBe(true);
    await far.stop();
    await shop.stop();
  });

  test("a client is told that the answer is too large", async () => {
    const env = { NATS_URL: nats.url };
    const services = await startGateway({ env });
    const gateway = await startGateway({ env, absent: ["users", "products", "orders", "payments"] });
    try {
      await gateway.broker.waitForServices(["users", "products"], 20_000, 20);
      services.fakes["products.categories"] = async () =>
        Array.from({ length: 2000 }, (_, index) => ({ category: `${korean(20)}${index}`, count: 1 }));
      const answer = await gateway.send("GET /api/products/categories", { headers: { "Accept-Language": "ko" } });
      expect([answer.status, answer.json()]).toMatchObject([
        500,
        { code: "ANSWER_TOO_LARGE", error: expect.stringContaining("너무 커서") as string },
      ]);
    } finally {
      await gateway.stop();
      await services.stop();
    }
  });
});

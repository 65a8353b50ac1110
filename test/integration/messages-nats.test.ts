// What is larger than one message of NATS: lists and feeds come in parts that fit, and what cannot be cut is refused by
// name.
import type { productEvents } from "../../contracts/product-events";
import { memoryCheckpoint } from "../../lib/events/checkpoint";
import { Follower } from "../../lib/events/follower";
import { korean } from "../helpers/korean";
import { type Started, startServices } from "../helpers/broker";
import { tokenMaker } from "../helpers/tokens";
import { describeWithNats, type ServerProcess, startNats } from "../servers";
import { eventually } from "../helpers/eventually";

const price = { amount: 500, currency: "USD" };
const shippingAddress = { name: "김민지", line1: "종로 1", city: "서울", postalCode: "03154", country: "KR" };

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
    await eventually("the event is reported", () =>
      far.logs.some(line => line.startsWith("error") && line.includes("hoard.told")),
    );
  });
});

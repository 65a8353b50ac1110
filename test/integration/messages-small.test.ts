// A NATS server that carries little: pages and feeds fit into it, and who asked is told what does not.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { productEvents } from "../../contracts/product-events";
import { EventStore } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import { startServices, temporaryFolder } from "../helpers/broker";
import { startGateway } from "../helpers/gateway";
import { sharedStores } from "../helpers/instances";
import { korean } from "../helpers/korean";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

const price = { amount: 500, currency: "USD" };

/** A server that says it carries no more than that many bytes. */
const startNatsWith = async (maxPayload: number): Promise<ServerProcess> => {
  const config = join(temporaryFolder(), "nats.conf");
  writeFileSync(config, `max_payload: ${maxPayload}\n`);
  return startNats({ config });
};

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
    const skus: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const read = await far.call("products.list", { limit: 12, ...(cursor === undefined ? {} : { cursor }) });
      skus.push(...read.items.map(({ sku }) => sku));
      cursor = read.nextCursor;
    }
    expect(skus).toEqual(Array.from({ length: 12 }, (_, index) => `K-${index}`));
    const page = await far.call("products.feed", { after: 0, limit: 200 });
    expect(page.commits.length).toBeGreaterThan(1);
    expect(page.commits.length).toBeLessThan(12);

    const log = await EventStore.open<typeof productEvents>(await openStore("products"), () => new Date());
    await log.append(
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
    const position = await log.head();
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

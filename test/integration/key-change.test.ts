// A new TOKEN_KEY while people shop: instances change over one after the other, and nobody is refused.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Store } from "../../lib/store/store";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { ask } from "../helpers/http";
import { sharedStores } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, nextEmail, peopleOf } from "../helpers/users";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const pem = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

type OpenStore = (service: string) => Promise<Store>;

/** The parts of one shop on one network, over the same databases. */
const shopOn = (openStore: OpenStore, now?: () => Date) => {
  const network = `key-change-${randomUUID()}`;
  const start = (name: "users" | "api", key?: string) =>
    startServices([name], {
      env: { ...ADMIN, ...(key ? { TOKEN_KEY: key } : {}) },
      openStore,
      network,
      ...(now ? { now } : {}),
    });
  return { start };
};

/** `empty` answers what opens the databases of a new shop, as each process does. */
const scenarios = (empty: () => OpenStore) => {
  test("instances that change their key one after the other cost nobody a request", async () => {
    const { start } = shopOn(empty());
    const [before, after] = [pem(), pem()];
    const old = [await start("users", before), await start("users", before)];
    const gateway = await start("api");
    const address = runtimeOf(gateway.broker).address ?? "";
    await gateway.broker.waitForServices("users");

    const statuses = new Map<number, number>();
    const closing = new AbortController();
    const buyer = async () => {
      const first = await peopleOf(gateway).register(nextEmail());
      let { token, refreshToken } = first;
      while (!closing.signal.aborted) {
        for (let count = 0; count < 3; count += 1) {
          const { status } = await ask(address, "GET /api/users/profile", { token });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
        // Each may be signed with either key, by whichever instance answers.
        ({ token, refreshToken } = await gateway.call("users.refresh", { refreshToken }));
      }
      return first.token;
    };
    const buyers = [buyer(), buyer(), buyer(), buyer()];
    const pause = () => new Promise(resolve => setTimeout(resolve, 300));
    for (const instance of old) {
      await pause();
      await start("users", after);
      await pause();
      await instance.stop();
    }
    await pause();
    closing.abort();
    const oldest = await Promise.all(buyers);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(20);
    // Also tokens of the old key, when nobody is left who signs with it.
    for (const token of oldest) expect((await ask(address, "GET /api/users/profile", { token })).status).toBe(200);
  });

  test("a key goes when its last token is over, and the one that signs stays", async () => {
    let skip = 0;
    const { start } = shopOn(empty(), () => new Date(Date.now() + skip));
    const old = await start("users", pem());
    const { token } = await peopleOf(old).register();
    await old.stop();
    const next = await start("users", pem());
    await expect(next.call("users.profile", {}, { token })).resolves.toMatchObject({ user: { name: "Kim Minji" } });
    expect((await next.call("users.jwks", {})).keys).toHaveLength(2);
    skip = 3_600_000;
    expect((await next.call("users.jwks", {})).keys).toHaveLength(1);
    const fresh = await peopleOf(next).register();
    await expect(next.call("users.profile", {}, { token: fresh.token })).resolves.toMatchObject({
      user: { id: fresh.user.id },
    });
  });
};

describe("on one slow store", () => scenarios(() => sharedStores(() => temporaryStore())));

describeWithMongo(`on ${MONGO}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await startMongo();
  });
  afterAll(async () => {
    await server?.stop();
  });
  scenarios(() => {
    const shop = randomUUID().slice(0, 8);
    return service => openMongoStore(server.url, `${service}_${shop}`, 5000);
  });
});

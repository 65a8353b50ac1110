// Several instances that start on an empty store at once: one admin, whose password is shown once and counts.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Store } from "../../lib/store/store";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { PasswordHasher } from "../../services/users/password-hasher";
import { type Started, startServices } from "../helpers/broker";
import { sharedStore } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, peopleOf, refused } from "../helpers/users";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const INSTANCES = 3;

beforeAll(() => {
  // Hashing that takes no time, so that racers reach each step together.
  jest.spyOn(PasswordHasher.prototype, "hash").mockImplementation(async password => `hash of ${password}`);
  jest
    .spyOn(PasswordHasher.prototype, "matches")
    .mockImplementation(async (password, hash) => hash === `hash of ${password}`);
});
afterAll(() => void jest.restoreAllMocks());

/** `empty` makes a new empty database, and answers what opens it as one process does. */
const scenarios = (rounds: number, empty: (round: number) => Promise<() => Promise<Store>>) => {
  const startAll = async (round: number, envs: readonly Record<string, string>[]) => {
    const open = await empty(round);
    const started = await Promise.all(
      envs.map(env => startServices(["users"], { env: { TOKEN_KEY: pem, ...env }, openStore: open })),
    );
    const store = await open();
    const credentials = await (await store.collection("credentials")).count();
    await store.close();
    return {
      started,
      credentials,
      notices: started.map(({ notices }) => [...notices]),
      stop: async () => Promise.all(started.map(one => one.stop())),
    };
  };
  const same = (env: Record<string, string>) => Array.from({ length: INSTANCES }, () => env);
  /** The accounts, seen through each instance by an admin who signs in there. */
  const accounts = async (started: readonly Started[], email: string, password: string) => {
    for (const shop of started) {
      const { token } = await peopleOf(shop).login(email, password);
      expect(await shop.call("users.list", {}, { token })).toMatchObject({
        total: 1,
        items: [{ email, role: "admin", disabled: false }],
      });
    }
  };

  test("with nothing said, one password is shown, by one of them, and it is the admin's", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { started, credentials, notices, stop } = await startAll(round, same({}));
      const shown = notices.flat().filter(line => line.includes("password: "));
      expect([shown.length, notices.flat().length, credentials]).toEqual([1, 1, 1]);
      const [, email = "", password = ""] = /^Admin: (\S+) · password: (\S+) /.exec(shown[0] ?? "") ?? [];
      await accounts(started, email, password);
      await stop();
    }
  });

  test("with the same settings everywhere, the settings count, and nobody says that they are ignored", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { started, credentials, notices, stop } = await startAll(100 + round, same(ADMIN));
      expect([notices.flat(), credentials]).toEqual([[], 1]);
      await accounts(started, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
      await stop();
    }
  });

  test("with other settings on each, one counts, and the others are told that theirs are ignored", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const envs = Array.from({ length: INSTANCES }, (_, index) => ({
        ADMIN_EMAIL: `boss${index}@jangteo.example`,
        ADMIN_PASSWORD: `the password of ${index}`,
      }));
      const { started, credentials, notices, stop } = await startAll(200 + round, envs);
      expect([notices.flat().length, credentials]).toEqual([INSTANCES - 1, 1]);
      const winner = notices.findIndex(lines => lines.length === 0);
      await accounts(started, `boss${winner}@jangteo.example`, `the password of ${winner}`);
      const [one] = started;
      if (!one) throw new Error("not started");
      for (const [index, lines] of notices.entries()) {
        if (index === winner) continue;
        expect(lines).toEqual([expect.stringContaining(`it is not boss${index}@jangteo.example`)]);
        await expect(peopleOf(one).login(`boss${index}@jangteo.example`, `the password of ${index}`)).rejects.toEqual(
          refused("INVALID_CREDENTIALS"),
        );
      }
      await stop();
    }
  });
};

describe("on one slow store", () => {
  scenarios(4, async round => {
    const store = sharedStore(await temporaryStore(), 50 + round);
    return async () => store;
  });
});

describeWithMongo(`on ${MONGO}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await startMongo();
  });
  afterAll(async () => {
    await server?.stop();
  });
  scenarios(1, async () => {
    const service = `users_${randomUUID().slice(0, 8)}`;
    return () => openMongoStore(server.url, service, 5000);
  });
});

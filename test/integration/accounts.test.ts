// Accounts on a real store at the bad moments: a process that died half-way, two that start at once, settings that cannot be used.
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/event-store";
import { Accounts, type CredentialDocument } from "../../services/users/accounts";
import { Directory } from "../../services/users/directory";
import { createFirstAdmin } from "../../services/users/first-admin";
import { Passwords } from "../../services/users/passwords";
import { Sessions } from "../../services/users/sessions";
import { startServices } from "../helpers/broker";
import { closeStore, temporaryStore } from "../helpers/store";
import { ADMIN, peopleOf, refused, sessionOf } from "../helpers/users";

const passwords = new Passwords(2);
afterAll(() => passwords.close());

const setUp = async () => {
  const store = await temporaryStore();
  const now = () => new Date();
  const [events, directory, sessions] = [await EventStore.open<typeof userEvents>(store, now), await Directory.open(store), await Sessions.open(store, now)];
  const credentials = await store.collection<CredentialDocument>("credentials");
  const accounts = new Accounts(events, directory, sessions, credentials, passwords);
  const [notices, warnings]: [string[], string[]] = [[], []];
  let serial = 0;
  const start = () =>
    createFirstAdmin({
      accounts,
      settings: { adminEmail: "boss@jangteo.example", adminPassword: undefined, defaultLocale: "en" },
      newId: () => `usr_${(serial += 1)}`,
      notice: line => notices.push(line),
      logger: { warn: line => warnings.push(String(line)) },
    });
  return { accounts, directory, credentials, notices, warnings, start };
};

describe("the first admin", () => {
  test("is one when two processes start at once, and only its password is told", async () => {
    const { start, notices, warnings, directory, accounts } = await setUp();
    await Promise.all([start(), start()]);
    expect([notices.length, warnings.length, (await directory.list({})).total]).toEqual([1, 0, 1]);
    const [, password = ""] = /password: (\S+)/.exec(notices[0] ?? "") ?? [];
    await expect(accounts.authenticate("boss@jangteo.example", password)).resolves.toMatchObject({ user: { role: "admin" } });
  });

  test("is not made of a customer who has the address already: a warning says so", async () => {
    const { start, notices, warnings, accounts } = await setUp();
    const { user } = await accounts.create("usr_kim", { email: "boss@jangteo.example", name: "Kim", role: "customer", locale: "en" }, "correct horse");
    await start();
    expect(notices).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("boss@jangteo.example")]);
    await expect(accounts.authenticate(user.email, "correct horse")).resolves.toMatchObject({ user: { role: "customer" } });
  });

  test("can go and another come, but a lost race for an address leaves no credentials behind", async () => {
    const { accounts, credentials } = await setUp();
    const registration = { email: "kim@example.com", name: "Kim", role: "customer", locale: "en" } as const;
    await Promise.allSettled(["usr_a", "usr_b", "usr_c"].map(id => accounts.create(id, registration, "correct horse")));
    expect(await credentials.count()).toBe(1);
  });
});

test("sessions that expired are cleared away as others are opened", async () => {
  const store = await temporaryStore();
  let now = new Date("2026-01-01T00:00:00.000Z");
  const sessions = await Sessions.open(store, () => now);
  await sessions.begin("ses_old", "usr_1", 1);
  now = new Date("2026-02-01T00:00:00.000Z");
  await sessions.begin("ses_new", "usr_1", 1);
  expect([await sessions.has("ses_old"), await sessions.has("ses_new")]).toEqual([false, true]);
});

test("a process that died between recording a session's end and ending it: the next one ends it", async () => {
  const before = await startServices(["users"], { env: ADMIN });
  const kim = await peopleOf(before).register();
  await before.stop();
  const store = await temporaryStore(join(before.dataDir, "users"));
  const log = await EventStore.open<typeof userEvents>(store, () => new Date());
  await log.append([{ stream: kim.user.id, expectedVersion: 1, events: [{ type: "SessionsEnded", data: { session: sessionOf(kim) } }] }]);
  await closeStore(store);
  const after = await startServices(["users"], { env: { ...ADMIN, DATA_DIR: before.dataDir } });
  await expect(after.call("users.refresh", { refreshToken: kim.refreshToken })).rejects.toEqual(refused("UNAUTHENTICATED"));
});

describe("settings", () => {
  test("a key of one's own signs the tokens", async () => {
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const shop = await startServices(["users"], { env: { ...ADMIN, TOKEN_KEY: pem } });
    const { token } = await peopleOf(shop).register();
    await expect(shop.call("users.profile", {}, { token })).resolves.toMatchObject({ user: { name: "Kim Minji" } });
  });

  test.each([
    ["TOKEN_KEY", "not a key"],
    ["ADMIN_EMAIL", "boss@localhost"],
  ])("%s=%s refuses to start and is named", async (name, value) => {
    await expect(startServices(["users"], { env: { ...ADMIN, [name]: value } })).rejects.toMatchObject({ name: "StartupError", message: expect.stringContaining(name) as string });
  });
});

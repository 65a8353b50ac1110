// Accounts on a real store at the bad moments: a process that died half-way, two that start at once.
import { join } from "node:path";
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import { createFirstAdmin } from "../../services/users/first-admin";
import { PasswordHasher } from "../../services/users/password-hasher";
import { Sessions } from "../../services/users/sessions";
import { goesOn } from "../../services/users/account.rules";
import { accountsOn, person } from "../helpers/accounts";
import { startServices } from "../helpers/broker";
import { closeStore, temporaryStore } from "../helpers/store";
import { ADMIN, peopleOf, refused, sessionOf } from "../helpers/users";

const hasher = new PasswordHasher(2);
afterEach(() => jest.restoreAllMocks());
afterAll(() => hasher.close());

const setUp = async () => {
  const shop = await accountsOn(await temporaryStore(), hasher);
  const [notices, warnings]: [string[], string[]] = [[], []];
  let serial = 0;
  const start = (adminEmail = "boss@jangteo.example") =>
    createFirstAdmin({
      ...shop,
      settings: { ADMIN_EMAIL: adminEmail, DEFAULT_LOCALE: "en" },
      newId: () => `usr_${(serial += 1)}`,
      notice: line => notices.push(line),
      logger: { warn: line => warnings.push(String(line)) },
    });
  return { ...shop, notices, warnings, start };
};
type World = Awaited<ReturnType<typeof setUp>>;
const KIM = person("kim@example.com");

describe("the first admin", () => {
  test("is one when two processes start at once, and only its password is told", async () => {
    const { start, notices, warnings, list, passwords } = await setUp();
    await Promise.all([start(), start()]);
    expect([notices.length, warnings.length, (await list.list({})).total]).toEqual([1, 0, 1]);
    const [, password = ""] = /password: (\S+)/.exec(notices[0] ?? "") ?? [];
    await expect(passwords.authenticate("boss@jangteo.example", password)).resolves.toMatchObject({
      user: { role: "admin" },
    });
  });

  test("is not followed by a second one when the settings name somebody else later", async () => {
    const { start, notices, list } = await setUp();
    await start();
    await start("other@jangteo.example");
    expect((await list.list({})).total).toBe(1);
    expect(notices.slice(1)).toEqual([expect.stringMatching(/^ADMIN_EMAIL .* ignored: .*other@jangteo\.example/)]);
  });

  test("is not made of a customer who has the address already: a warning says so", async () => {
    const { start, notices, warnings, registrations, passwords } = await setUp();
    const { user } = await registrations.register("usr_kim", person("boss@jangteo.example"), "correct horse");
    await start();
    expect(notices).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("boss@jangteo.example")]);
    await expect(passwords.authenticate(user.email, "correct horse")).resolves.toMatchObject({
      user: { role: "customer" },
    });
  });
});

describe("two at once", () => {
  test("for one address: the claim decides, and the loser leaves no credentials behind", async () => {
    const { registrations, credentials } = await setUp();
    const insert = credentials.insert.bind(credentials);
    jest.spyOn(credentials, "insert").mockImplementationOnce(async document => {
      await registrations.register("usr_a", KIM, "correct horse");
      return insert(document);
    });
    await expect(registrations.register("usr_b", KIM, "correct horse")).rejects.toMatchObject({ code: "EMAIL_TAKEN" });
    expect([await credentials.get("usr_b"), await credentials.count()]).toEqual([null, 1]);
  });

  const DEMOTE_EACH_OTHER =
    "admins who demote each other: who comes second is refused, though he was not the last when he asked";
  test(DEMOTE_EACH_OTHER, async () => {
    const { accounts, registrations, events } = await setUp();
    for (const id of ["usr_a", "usr_b"])
      await registrations.register(id, person(`${id}@example.com`, "admin"), "correct horse");
    const append = events.append.bind(events);
    jest.spyOn(events, "append").mockImplementationOnce(async (...decided) => {
      await accounts.administrate("usr_b", { disabled: true });
      return append(...decided);
    });
    await expect(accounts.administrate("usr_a", { role: "customer" })).rejects.toMatchObject({ code: "LAST_ADMIN" });
    expect(await accounts.hasAdmin()).toBe(true);
  });

  test.each<[string, (world: World) => Promise<unknown>]>([
    [
      "a new password",
      ({ passwords }) => passwords.changePassword({ id: "usr_a", version: 1 }, "correct horse", "battery staple"),
    ],
    [
      "disabling and enabling",
      async ({ accounts }) => {
        await accounts.administrate("usr_a", { disabled: true });
        await accounts.administrate("usr_a", { disabled: false });
      },
    ],
  ])("a sign-in and %s: a session of the old rights does not go on", async (_what, change) => {
    const world = await setUp();
    const { accounts, registrations, passwords, sessions } = world;
    await registrations.register("usr_a", KIM, "correct horse");
    const matches = hasher.matches.bind(hasher);
    jest.spyOn(hasher, "matches").mockImplementationOnce(async (password, hash) => {
      await change(world);
      return matches(password, hash);
    });
    const { user, version } = await passwords.authenticate("kim@example.com", "correct horse");
    const session = await sessions.begin("ses_1", user.id, version);
    expect(goesOn(await accounts.load("usr_a"), session.accountVersion)).toBe(false);
  });
});

const DIED_WHILE_CHANGING =
  "a process that died while a password was changed: " +
  "the old password and its sessions, or the new one and none of them";
test(DIED_WHILE_CHANGING, async () => {
  const { accounts, registrations, passwords, events } = await setUp();
  const { version } = await registrations.register("usr_a", KIM, "correct horse");
  const change = () => passwords.changePassword({ id: "usr_a", version }, "correct horse", "battery staple");
  const append = jest.spyOn(events, "append").mockRejectedValueOnce(new Error("killed before"));
  await expect(change()).rejects.toThrow("killed before");
  await expect(passwords.authenticate("kim@example.com", "correct horse")).resolves.toMatchObject({
    user: { id: "usr_a" },
  });
  expect(goesOn(await accounts.load("usr_a"), version)).toBe(true);
  append.mockImplementationOnce(async (...decided) => {
    append.mockRestore();
    await events.append(...decided);
    throw new Error("killed after");
  });
  await expect(change()).rejects.toThrow("killed after");
  await expect(passwords.authenticate("kim@example.com", "correct horse")).rejects.toMatchObject({
    code: "INVALID_CREDENTIALS",
  });
  await expect(passwords.authenticate("kim@example.com", "battery staple")).resolves.toMatchObject({
    user: { id: "usr_a" },
  });
  expect(goesOn(await accounts.load("usr_a"), version)).toBe(false);
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
  await log.append([
    { stream: kim.user.id, expectedVersion: 1, events: [{ type: "SessionsEnded", data: { session: sessionOf(kim) } }] },
  ]);
  await closeStore(store);
  const after = await startServices(["users"], { env: { ...ADMIN, DATA_DIR: before.dataDir } });
  await expect(after.call("users.refresh", { refreshToken: kim.refreshToken })).rejects.toEqual(
    refused("INVALID_REFRESH_TOKEN"),
  );
});

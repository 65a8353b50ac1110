// Accounts through the users service: registering, signing in, the profile, a restart, and secrets that stay secret.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SignIn } from "../../contracts/users";
import { startServices } from "../helpers/broker";
import { ADMIN, nextEmail, PASSWORD, peopleOf, refused, startUsers } from "../helpers/users";

let users: Awaited<ReturnType<typeof startUsers>>;
let adminToken: string;

beforeAll(async () => {
  users = await startUsers();
  adminToken = await users.loginAdmin();
});

describe("registering", () => {
  test("answers the account and its tokens, and nothing else", async () => {
    const email = nextEmail();
    const answer = await users.register(email);
    expect(Object.keys(answer).sort()).toEqual(["expiresIn", "refreshToken", "token", "user"]);
    expect(answer.user).toEqual({
      id: expect.stringMatching(/^usr_/) as string,
      email,
      name: "Kim Minji",
      role: "customer",
      locale: "en",
      emailVerified: false,
      disabled: false,
      version: 1,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(answer.expiresIn).toBe(900);
    await expect(users.shop.call("users.profile", {}, { token: answer.token })).resolves.toEqual({ user: answer.user });
  });

  test("an address is taken in whatever case it is written", async () => {
    const email = nextEmail();
    await users.register(email);
    await expect(users.register(email.toUpperCase())).rejects.toEqual(refused("EMAIL_TAKEN"));
    await expect(users.login(email.toUpperCase())).resolves.toMatchObject({ user: { email } });
  });

  test("of five who register one address at once exactly one gets it, and can sign in", async () => {
    const email = nextEmail();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => users.register(email)));
    const winners = results.filter(result => result.status === "fulfilled");
    expect(winners).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toEqual(refused("EMAIL_TAKEN"));
    await expect(users.login(email)).resolves.toMatchObject({ user: { id: winners[0]?.value.user.id } });
  });

  test.each<[string, object]>([
    ["spaces around the address", { email: " kim@example.com " }],
    ["an operator for an address", { email: { $gt: "" } }],
    ["a short password", { password: "seven77" }],
    ["a password of 129 characters", { password: "x".repeat(129) }],
    ["a blank name", { name: "  " }],
    ["a role of one's own choice", { role: "admin" }],
    ["an id of one's own choice", { _id: "usr_1" }],
  ])("%s is refused and nothing is recorded", async (_what, flaw) => {
    const { head } = await users.shop.call("users.feed", { after: 0, limit: 1 });
    const params = { email: nextEmail(), password: PASSWORD, name: "Kim", ...flaw };
    await expect(users.shop.broker.call("users.register", params)).rejects.toMatchObject({ code: 422 });
    await expect(users.shop.call("users.feed", { after: 0, limit: 1 })).resolves.toMatchObject({ head });
  });
});

describe("signing in", () => {
  test("a wrong password, an unknown address and a disabled account are refused in the same words", async () => {
    const known = await users.register();
    const disabled = await users.register();
    await users.change(adminToken, disabled.user.id, { disabled: true });
    const attempts = [
      users.login(known.user.email, "wrong password"),
      users.login(nextEmail()),
      users.login(disabled.user.email),
    ];
    const refusals = (await Promise.allSettled(attempts)).map(
      result => result.status === "rejected" && (result.reason as { type: string; message: string; data: unknown }),
    );
    expect(refusals[0]).toEqual(refused("INVALID_CREDENTIALS"));
    for (const refusal of refusals) expect(refusal).toMatchObject({ ...refusals[0] });
  });

  test("an operator for a password is no password", async () => {
    const { user } = await users.register();
    await expect(
      users.shop.broker.call("users.login", { email: user.email, password: { $ne: "" } }),
    ).rejects.toMatchObject({ code: 422 });
  });
});

describe("the profile", () => {
  test("name and language can be changed, nothing else", async () => {
    const { token, user } = await users.register();
    const changed = await users.shop.call("users.changeProfile", { name: "김민지", locale: "ko" }, { token });
    expect(changed).toEqual({ user: { ...user, name: "김민지", locale: "ko", version: 2 } });
    await expect(users.shop.call("users.profile", {}, { token })).resolves.toEqual(changed);
    await expect(users.shop.call("users.contact", { id: user.id })).resolves.toEqual({
      email: user.email,
      name: "김민지",
      locale: "ko",
      emailVerified: false,
    });
    await expect(
      users.shop.broker.call("users.changeProfile", { role: "admin" }, { headers: { token } }),
    ).rejects.toMatchObject({ code: 422 });
  });

  test("there is no contact of somebody unknown", async () => {
    await expect(users.shop.call("users.contact", { id: "usr_unknown" })).resolves.toBeNull();
  });
});

describe("a restart", () => {
  test("finds accounts, passwords, sessions and tokens as they were", async () => {
    const before = await startServices(["users"], { env: ADMIN });
    const kim = await peopleOf(before).register("kim@example.com");
    const { user } = await before.call("users.changeProfile", { name: "Minji" }, { token: kim.token });
    await before.stop();
    const after = await startServices(["users"], { env: { ...ADMIN, DATA_DIR: before.dataDir } });
    await expect(after.call("users.profile", {}, { token: kim.token })).resolves.toEqual({ user });
    await expect(after.call("users.refresh", { refreshToken: kim.refreshToken })).resolves.toMatchObject({ user });
    await expect(peopleOf(after).login("kim@example.com")).resolves.toMatchObject({ user });
    await expect(peopleOf(after).register("KIM@example.com")).rejects.toEqual(refused("EMAIL_TAKEN"));
    const { items } = await after.call("users.list", {}, { token: await peopleOf(after).loginAdmin() });
    expect(items.map(item => item.email)).toEqual([ADMIN.ADMIN_EMAIL, "kim@example.com"]);
  });
});

describe("secrets", () => {
  const NO_SECRETS =
    "neither passwords nor tokens are in the data folder or the logs; hashes are in no event and no answer";
  test(NO_SECRETS, async () => {
    const first = await users.register();
    const second = await users.refresh(first.refreshToken);
    await expect(users.login(first.user.email, "a wrong password")).rejects.toEqual(refused("INVALID_CREDENTIALS"));
    const files = readdirSync(users.shop.dataDir, { recursive: true, withFileTypes: true }).filter(entry =>
      entry.isFile(),
    );
    const written = files.map(file => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
    expect(written).toContain(first.user.email);
    const secretsOf = ({ token, refreshToken }: SignIn) => [
      token,
      refreshToken,
      refreshToken.split(".").at(-1) ?? refreshToken,
    ];
    for (const secret of [
      PASSWORD,
      ADMIN.ADMIN_PASSWORD,
      "a wrong password",
      ...secretsOf(first),
      ...secretsOf(second),
    ]) {
      expect(written).not.toContain(secret);
      expect(users.shop.logs.join("\n")).not.toContain(secret);
    }
    const feed = await users.shop.call("users.feed", { after: 0, limit: 1000 });
    const listed = await users.shop.call("users.list", { limit: 100 }, { token: adminToken });
    expect(JSON.stringify([feed, listed, first, second, users.shop.logs])).not.toMatch(/\$2[aby]\$/);
  });
});

// Accounts through the users service: registering, signing in, the profile, administration, a restart, and secrets that
// stay secret.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "jsonwebtoken";
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

describe("administration", () => {
  test("is for admins only", async () => {
    const { token, user } = await users.register();
    for (const attempt of [
      users.shop.call("users.list", {}, { token }),
      users.shop.call("users.get", { id: user.id }, { token }),
      users.shop.call("users.change", { id: user.id, role: "admin" }, { token }),
    ])
      await expect(attempt).rejects.toEqual(refused("FORBIDDEN"));
    for (const attempt of [
      users.shop.call("users.list", {}),
      users.shop.call("users.profile", {}),
      users.shop.call("users.logout", {}),
    ])
      await expect(attempt).rejects.toEqual(refused("UNAUTHENTICATED"));
  });

  test("lists accounts page by page, oldest first, each once", async () => {
    await Promise.all([users.register(), users.register(), users.register()]);
    const { items: all, total } = await users.shop.call("users.list", { limit: 100 }, { token: adminToken });
    expect(all).toHaveLength(total);
    expect(all.map(user => user.createdAt)).toEqual(all.map(user => user.createdAt).sort());
    const pages = Math.ceil(total / 2);
    const numbers = Array.from({ length: pages }, (_, index) => index + 1);
    const found = await Promise.all(
      numbers.map(page => users.shop.call("users.list", { page, limit: 2 }, { token: adminToken })),
    );
    expect(found.flatMap(page => page.items)).toEqual(all);
    expect({ ...found.at(-1), items: [] }).toEqual({ items: [], page: pages, limit: 2, total, pages });
  });

  test("an unknown account can be neither read nor changed", async () => {
    await expect(users.shop.call("users.get", { id: "usr_unknown" }, { token: adminToken })).rejects.toEqual(
      refused("USER_NOT_FOUND"),
    );
    await expect(users.change(adminToken, "usr_unknown", { disabled: true })).rejects.toEqual(
      refused("USER_NOT_FOUND"),
    );
  });

  test("a new admin can administrate, and the last one can't go", async () => {
    const { user } = await users.register();
    await expect(users.change(adminToken, user.id, { role: "admin" })).resolves.toEqual({
      user: { ...user, role: "admin", version: 2 },
    });
    const { token } = await users.login(user.email);
    await expect(users.shop.call("users.get", { id: user.id }, { token })).resolves.toMatchObject({
      user: { role: "admin" },
    });
    await users.change(adminToken, user.id, { role: "customer" });
    const { id } = (await users.shop.call("users.profile", {}, { token: adminToken })).user;
    await expect(users.change(adminToken, id, { role: "customer" })).rejects.toEqual(refused("LAST_ADMIN"));
    await expect(users.change(adminToken, id, { disabled: true })).rejects.toEqual(refused("LAST_ADMIN"));
  });

  test("of two admins who demote each other at once one stays", async () => {
    for (let round = 0; round < 5; round += 1) {
      const shop = await startServices(["users"], { env: ADMIN });
      const { register, loginAdmin, change } = peopleOf(shop);
      const token = await loginAdmin();
      const [kim, boss] = [(await register()).user, (await shop.call("users.profile", {}, { token })).user];
      await change(token, kim.id, { role: "admin" });
      const results = await Promise.allSettled([
        change(token, kim.id, { role: "customer" }),
        change(token, boss.id, { disabled: true }),
      ]);
      expect(results.map(result => result.status).sort()).toEqual(["fulfilled", "rejected"]);
      for (const result of results)
        if (result.status === "rejected") expect(result.reason).toEqual(refused("LAST_ADMIN"));
      await shop.stop();
    }
  });
});

describe("the first admin", () => {
  test("comes from the settings when they name one", () => {
    expect(users.shop.notices).toEqual([]);
    expect(decode(adminToken)).toMatchObject({ role: "admin" });
  });

  test("is made up otherwise, with a password that is told once and works", async () => {
    const first = await startServices(["users"]);
    const [notice = ""] = first.notices;
    const [, email = "", password = ""] = /^Admin: (\S+@\S+) · password: (\S+) \(shown only now\)$/.exec(notice) ?? [];
    await expect(peopleOf(first).login(email, password)).resolves.toMatchObject({
      user: { email: "admin@jangteo.example", role: "admin" },
    });
    expect(first.logs.join("\n")).not.toContain(password);
    await first.stop();
    const second = await startServices(["users"], { env: { DATA_DIR: first.dataDir } });
    expect(second.notices).toEqual([]);
    await expect(peopleOf(second).login(email, password)).resolves.toMatchObject({ user: { role: "admin" } });
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

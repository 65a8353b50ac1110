// Administration through the users service: who may do it, what it changes, and the admin that a shop always has.
import { decode } from "jsonwebtoken";
import { startServices } from "../helpers/broker";
import { ADMIN, peopleOf, refused, startUsers } from "../helpers/users";

let users: Awaited<ReturnType<typeof startUsers>>;
let adminToken: string;

beforeAll(async () => {
  users = await startUsers();
  adminToken = await users.loginAdmin();
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
    expect({ ...found.at(-1), items: [] }).toEqual({
      items: [],
      page: pages,
      limit: 2,
      total,
      pages,
      nextCursor: null,
    });
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

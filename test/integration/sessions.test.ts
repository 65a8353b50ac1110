// Sessions through the users service: each refresh token works once, and what ends a session ends it for good.
import type { SignIn } from "../../contracts/users";
import { PASSWORD, refused, sessionOf, startUsers } from "../helpers/users";

/** Seconds since the epoch. */

let clock = 0;
let users: Awaited<ReturnType<typeof startUsers>>;
let adminToken: string;

beforeAll(async () => {
  users = await startUsers(() => new Date(Date.now() + clock));
  adminToken = await users.loginAdmin();
});
afterEach(() => {
  clock = 0;
});

describe("refreshing", () => {
  test("gives new tokens of the same session", async () => {
    const first = await users.register();
    const second = await users.refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(sessionOf(second)).toBe(sessionOf(first));
    await expect(users.shop.call("users.profile", {}, { token: second.token })).resolves.toEqual({ user: first.user });
    await expect(users.refresh(second.refreshToken)).resolves.toMatchObject({ user: first.user });
  });

  test("a token used twice ends its family, and others hear of it, but no other session of the user", async () => {
    const first = await users.register();
    const elsewhere = await users.login(first.user.email);
    const second = await users.refresh(first.refreshToken);
    await expect(users.refresh(first.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.refresh(second.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    expect(await users.eventsOf(first.user.id)).toContainEqual(
      expect.objectContaining({ type: "SessionsEnded", data: { session: sessionOf(first) } }),
    );
    await expect(users.refresh(elsewhere.refreshToken)).resolves.toMatchObject({ user: first.user });
  });

  test("of five who use one token at once at most one gets the next", async () => {
    const { refreshToken } = await users.register();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => users.refresh(refreshToken)));
    expect(results.filter(result => result.status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toEqual(refused("INVALID_REFRESH_TOKEN"));
  });

  test("a token is good for 30 days", async () => {
    const { refreshToken } = await users.register();
    clock = 29 * 24 * 3600 * 1000;
    const next = await users.refresh(refreshToken);
    clock += 31 * 24 * 3600 * 1000;
    await expect(users.refresh(next.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  });

  test.each(["ses_unknown.secret", "nonsense", ".", "a.b.c"])("%s is no token", async token => {
    await expect(users.refresh(token)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  });
});

describe("who knows only the name of a session", () => {
  test("cannot end it with a made-up secret", async () => {
    const { refreshToken, user } = await users.register();
    const id = refreshToken.split(".")[0] ?? "";
    for (const forged of [`${id}.`, `${id}.made-up-secret`, `${id}.${"A".repeat(65)}`, id])
      await expect(users.refresh(forged)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.refresh(refreshToken)).resolves.toMatchObject({ user });
  });

  test("a good token with something behind it is not that token", async () => {
    const { refreshToken } = await users.register();
    await expect(users.refresh(`${refreshToken}.more`)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  });
});

describe("signing out", () => {
  test("ends the session, however often it is asked", async () => {
    const { token, refreshToken, user } = await users.register();
    const elsewhere = await users.login(user.email);
    await users.shop.call("users.logout", {}, { token });
    // By then it may be known everywhere that the token has ended.
    await users.shop.call("users.logout", {}, { token }).catch((error: unknown) => {
      expect(error).toEqual(refused("UNAUTHENTICATED"));
    });
    await expect(users.refresh(refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.refresh(elsewhere.refreshToken)).resolves.toMatchObject({ user });
  });

  test("ends the session of a given refresh token too, but never another user's", async () => {
    const kim = await users.register();
    const elsewhere = await users.login(kim.user.email);
    const [lee, again] = [await users.register(), await users.login(kim.user.email)];
    await users.shop.call("users.logout", { refreshToken: elsewhere.refreshToken }, { token: kim.token });
    await expect(users.refresh(elsewhere.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await users.shop.call("users.logout", { refreshToken: lee.refreshToken }, { token: again.token });
    await expect(users.refresh(lee.refreshToken)).resolves.toMatchObject({ user: lee.user });
  });
});

describe("changing the password", () => {
  const replace = ({ token }: SignIn, newPassword: string, currentPassword = PASSWORD) =>
    users.shop.call("users.changePassword", { currentPassword, newPassword }, { token });

  test("ends every session; only the new password signs in", async () => {
    const kim = await users.register();
    const elsewhere = await users.login(kim.user.email);
    await replace(kim, "battery staple");
    for (const { refreshToken } of [kim, elsewhere])
      await expect(users.refresh(refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.login(kim.user.email)).rejects.toEqual(refused("INVALID_CREDENTIALS"));
    const again = await users.login(kim.user.email, "battery staple");
    await expect(users.refresh(again.refreshToken)).resolves.toMatchObject({ user: kim.user });
    expect((await users.eventsOf(kim.user.id)).map(event => event.type)).toEqual(
      expect.arrayContaining(["PasswordChanged", "SessionsEnded"]),
    );
  });

  test("ends the access tokens of before and none of those that the new password gets, whatever the time", async () => {
    const kim = await users.register();
    await replace(kim, "battery staple");
    const again = await users.login(kim.user.email, "battery staple");
    const profile = (token: string) => users.shop.call("users.profile", {}, { token });
    await expect(profile(kim.token)).rejects.toEqual(refused("UNAUTHENTICATED"));
    await expect(profile(again.token)).resolves.toMatchObject({ user: { id: kim.user.id } });
  });

  test("takes the current one; without it nothing changes", async () => {
    const kim = await users.register();
    await expect(replace(kim, "battery staple", "wrong password")).rejects.toEqual(refused("INVALID_CREDENTIALS"));
    await expect(users.refresh(kim.refreshToken)).resolves.toMatchObject({ user: kim.user });
    await expect(users.login(kim.user.email)).resolves.toMatchObject({ user: kim.user });
  });

  test("of two changes at once one wins, and its password is the one that signs in", async () => {
    const kim = await users.register();
    const wishes = ["first new password", "second new password"];
    const results = await Promise.allSettled(wishes.map(wish => replace(kim, wish)));
    expect(results.map(result => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const [index, result] of results.entries()) {
      const attempt = users.login(kim.user.email, wishes[index]);
      if (result.status === "fulfilled") await expect(attempt).resolves.toMatchObject({ user: kim.user });
      else await expect(attempt).rejects.toEqual(refused("INVALID_CREDENTIALS"));
    }
  });
});

describe("disabling", () => {
  test("a disabled account is out until it is enabled, and then has to sign in again", async () => {
    const kim = await users.register();
    await users.change(adminToken, kim.user.id, { disabled: true });
    await expect(users.refresh(kim.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.login(kim.user.email)).rejects.toEqual(refused("INVALID_CREDENTIALS"));
    await expect(users.shop.call("users.profile", {}, { token: kim.token })).rejects.toEqual(
      refused("UNAUTHENTICATED"),
    );
    await expect(users.shop.call("users.changeProfile", { name: "Lee" }, { token: kim.token })).rejects.toEqual(
      refused("UNAUTHENTICATED"),
    );
    await users.change(adminToken, kim.user.id, { disabled: false });
    await expect(users.refresh(kim.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
    await expect(users.login(kim.user.email)).resolves.toMatchObject({ user: { ...kim.user, version: 4 } });
  });
});

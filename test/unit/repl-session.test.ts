// A session at the REPL: renewed before it ends; when it has ended, that is said, and nothing is called as nobody.
import type { SignIn } from "../../contracts/users";
import type { Bus } from "../../lib/moleculer/bus";
import { ReplSession } from "../../scripts/repl/session";

const LIFE = 900;
const user = {
  id: "usr_1",
  email: "kim@example.com",
  name: "Kim",
  role: "customer",
  locale: "en",
  emailVerified: false,
  disabled: false,
  version: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
} as const;

const refusal = (type: string) => Object.assign(new Error(type), { type });

const setUp = () => {
  const asked: { name: string; params: unknown; token: string | undefined }[] = [];
  const state = { now: 0, issued: 0, refuse: "" };
  const call = async (name: string, params: unknown, options: { token?: string } = {}): Promise<SignIn> => {
    asked.push({ name, params, token: options.token });
    if (state.refuse !== "") throw refusal(state.refuse);
    state.issued += 1;
    return { user, token: `token-${state.issued}`, refreshToken: `refresh-${state.issued}`, expiresIn: LIFE };
  };
  const changes: (string | undefined)[] = [];
  const session = new ReplSession(
    call as unknown as Bus["call"],
    now => changes.push(now?.email),
    () => state.now,
  );
  return { session, state, asked, changes };
};

test("nobody is signed in until somebody is, and after he signed out", async () => {
  const { session, asked, changes } = setUp();
  expect(await session.token()).toBeUndefined();
  await session.login("kim@example.com", "secret");
  expect([await session.token(), session.user]).toEqual(["token-1", user]);
  await session.logout();
  expect([await session.token(), session.user]).toEqual([undefined, undefined]);
  expect(asked.at(-1)).toEqual({ name: "users.logout", params: { refreshToken: "refresh-1" }, token: "token-1" });
  expect(changes).toEqual(["kim@example.com", undefined]);
});

test("a refused login leaves who was signed in, and a new one ends the old session", async () => {
  const { session, state, asked } = setUp();
  await session.login("kim@example.com", "secret");
  state.refuse = "INVALID_CREDENTIALS";
  await expect(session.login("kim@example.com", "wrong")).rejects.toMatchObject({ type: "INVALID_CREDENTIALS" });
  expect(await session.token()).toBe("token-1");
  state.refuse = "";
  await session.login("kim@example.com", "secret");
  expect(asked.filter(({ name }) => name === "users.logout").map(({ token }) => token)).toEqual(["token-1"]);
  expect(await session.token()).not.toBe("token-1");
});

test("an access token is renewed before it ends, once for all the calls that wait for it", async () => {
  const { session, state, asked } = setUp();
  await session.login("kim@example.com", "secret");
  state.now = (LIFE - 31) * 1000;
  expect(await session.token()).toBe("token-1");
  state.now = (LIFE - 30) * 1000;
  expect(await Promise.all([session.token(), session.token()])).toEqual(["token-2", "token-2"]);
  expect(asked.filter(({ name }) => name === "users.refresh")).toEqual([
    { name: "users.refresh", params: { refreshToken: "refresh-1" }, token: undefined },
  ]);
});

test("a session that has ended is said so, once; a shop that does not answer ends none", async () => {
  const { session, state } = setUp();
  await session.login("kim@example.com", "secret");
  state.now = LIFE * 1000;
  state.refuse = "SERVICE_UNAVAILABLE";
  await expect(session.token()).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
  expect(session.user).toBe(user);
  state.refuse = "INVALID_REFRESH_TOKEN";
  await expect(session.token()).rejects.toThrow("The session of kim@example.com has ended: login again.");
  expect([session.user, await session.token()]).toEqual([undefined, undefined]);
});

test("a token that was answered as none ends the session, but not the next one", async () => {
  const { session } = setUp();
  await session.login("kim@example.com", "secret");
  session.ended("token-0");
  expect(session.user).toBe(user);
  session.ended("token-1");
  expect(session.user).toBeUndefined();
});

// An account's ETag: one at both of its addresses, and what makes it old.
import { runtimeOf } from "../../lib/moleculer/runtime";
import type { SignIn } from "../../contracts/users";
import { startServices } from "../helpers/broker";
import { ask, type Asked } from "../helpers/http";
import { ADMIN, nextEmail, PASSWORD } from "../helpers/users";

let address: string;
let admin: string;
const send = (line: string, asked: Asked = {}) => ask(address, line, { token: admin, ...asked });
const register = async () =>
  (
    await send("POST /api/users/register", { token: "", body: { email: nextEmail(), password: PASSWORD, name: "Kim" } })
  ).json<SignIn>();
const edit = async (line: string, ifMatch: string, body: unknown, token = admin) => {
  const answer = await send(line, { token, body, headers: { "if-match": ifMatch } });
  return [answer.status, ...(answer.status < 400 ? [] : [answer.json().code])];
};
const profileOf = async (token: string) => (await send("GET /api/users/profile", { token })).headers.etag ?? "none";
const STALE = [412, "PRECONDITION_FAILED"];

beforeAll(async () => {
  const shop = await startServices(["api", "users"], { env: ADMIN });
  address = runtimeOf(shop.broker).address ?? "";
  const body = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
  admin = (await send("POST /api/users/login", { token: "", body })).json<SignIn>().token;
});

test("it is the same at both addresses, and tells the version that every body shows", async () => {
  const { user, token } = await register();
  const other = await send(`GET /api/users/${user.id}`);
  expect(other.headers.etag).toBe(await profileOf(token));
  expect(other.headers.etag).toBe(`"${other.json<{ user: { version: number } }>().user.version}"`);
  expect(other.json()).toEqual({ success: true, user });
  expect(
    (await send(`GET /api/users/${user.id}`, { headers: { "if-none-match": other.headers.etag ?? "" } })).status,
  ).toBe(304);
});

test("a change at one address makes it old at the other one", async () => {
  const { user, token } = await register();
  const seen = await profileOf(token);
  expect(await edit(`PATCH /api/users/${user.id}`, seen, { disabled: false })).toEqual([200]);
  expect(await edit("PATCH /api/users/profile", seen, { name: "Kim Minji" }, token)).toEqual([200]);
  expect(await edit(`PATCH /api/users/${user.id}`, seen, { disabled: true })).toEqual(STALE);
  expect((await send("GET /api/users/profile", { token })).json()).toMatchObject({
    user: { name: "Kim Minji", disabled: false },
  });
});

test("neither it nor an edit is stale because somebody signed out or changed a password", async () => {
  const { user, token } = await register();
  const seen = await profileOf(token);
  const { token: second } = (
    await send("POST /api/users/login", { body: { email: user.email, password: PASSWORD } })
  ).json<SignIn>();
  await send("POST /api/users/logout", { token: second });
  expect(
    (
      await send("POST /api/users/password", {
        token,
        body: { currentPassword: PASSWORD, newPassword: "another horse" },
      })
    ).status,
  ).toBe(204);
  expect((await send(`GET /api/users/${user.id}`, { headers: { "if-none-match": seen } })).status).toBe(304);
  for (const never of [`"2"`, `"3"`])
    expect(await edit(`PATCH /api/users/${user.id}`, never, { role: "admin" })).toEqual(STALE);
  expect(await edit(`PATCH /api/users/${user.id}`, seen, { role: "admin" })).toEqual([200]);
  expect(await edit(`PATCH /api/users/${user.id}`, seen, { role: "customer" })).toEqual(STALE);
});

test("a password is changed for who has seen the account as it is", async () => {
  const { token, user } = await register();
  const seen = await profileOf(token);
  expect(await edit("PATCH /api/users/profile", seen, { name: "Lee Jieun" }, token)).toEqual([200]);
  const passwords = { currentPassword: PASSWORD, newPassword: "another horse" };
  expect(await edit("POST /api/users/password", seen, passwords, token)).toEqual(STALE);
  expect((await send("POST /api/users/login", { body: { email: user.email, password: PASSWORD } })).status).toBe(200);
  expect(await edit("POST /api/users/password", await profileOf(token), passwords, token)).toEqual([204]);
});

test("who may not, or asks for nobody, is told that and not about versions", async () => {
  const { user, token } = await register();
  expect(await edit("PATCH /api/users/usr_none", `"9"`, { disabled: true })).toEqual([404, "USER_NOT_FOUND"]);
  expect(await edit(`PATCH /api/users/${user.id}`, `"9"`, { disabled: true }, token)).toEqual([403, "FORBIDDEN"]);
});

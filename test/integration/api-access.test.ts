// Who gets in: tokens, roles, and sessions that end before their tokens do.
import type { Context } from "moleculer";
import { callerOf } from "../../lib/moleculer/middlewares/caller";
import { Refusal } from "../../lib/refusal";
import { commit, type Gateway, startGateway } from "../helpers/gateway";
import type { Answered } from "../helpers/http";
import { routes } from "../../services/api/routes";
import { contractOf } from "../../services/api/routing/contracts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
beforeEach(() => {
  gateway.calls.length = 0;
});
const send: Gateway["send"] = (line, asked) => gateway.send(line, asked);
const codeOf = (answer: Answered) => [answer.status, answer.json().code];
const profile = async (token: string) => (await send("GET /api/users/profile", { token })).status;

/** Asks until the answer is the wanted one; the test's own time limit bounds it. */
const until = async (status: number, ask: () => Promise<number>) => {
  while ((await ask()) !== status) await new Promise(resolve => setTimeout(resolve, 5));
};

const guarded = routes.flatMap(route =>
  "action" in route && contractOf(route.action).access !== "anyone"
    ? [{ ...route, line: `${route.method} ${route.path.replace(":id", "x_1")}` }]
    : [],
);

test.each(guarded)("$line lets nobody in without a token, nor with the wrong role", async ({ line, action }) => {
  const anonymous = await send(line);
  expect(codeOf(anonymous)).toEqual([401, "UNAUTHENTICATED"]);
  expect(anonymous.headers["www-authenticate"]).toBe("Bearer");
  if (contractOf(action).access === "admin")
    expect(codeOf(await send(line, { token: gateway.token("usr_1") }))).toEqual([403, "FORBIDDEN"]);
  expect(gateway.calls).toEqual([]);
});

test.each(["Bearer", "Bearer  ", "Basic a2ltOng=", "bearer", "token", "Bearer a b"])(
  "%p is no token at all",
  async authorization => {
    const answer = await send("GET /api/users/profile", { headers: { authorization } });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  },
);

test.each(["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9."])(
  "the token %p is refused as invalid",
  async token => {
    const answer = await send("GET /api/users/profile", { token });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, `Bearer error="invalid_token"`]);
  },
);

test("a token goes along to the service, which sees who calls", async () => {
  expect(
    (
      await send("GET /api/users/profile", {
        headers: { authorization: `bearer ${gateway.token("usr_7", "admin", "ses_7")}` },
      })
    ).status,
  ).toBe(200);
  expect(gateway.calls[0]?.actor).toMatchObject({ id: "usr_7", role: "admin", session: "ses_7" });
});

test("a token is not asked for, and not looked at, where anybody may come", async () => {
  expect((await send("GET /api/products/categories", { token: "rubbish" })).status).toBe(200);
  expect(
    (await send("POST /api/users/login", { token: "rubbish", body: { email: "a@b.c", password: "x" } })).status,
  ).toBe(200);
});

test("who may not come in does not learn whether the request was right", async () => {
  expect((await send("POST /api/products", { body: "{", token: gateway.token("usr_1") })).status).toBe(403);
  expect((await send("GET /api/orders/%24")).status).toBe(401);
});

test("signing out ends the session before the answer is out, and no other session", async () => {
  const [token, other] = [gateway.token("usr_2", "customer", "ses_a"), gateway.token("usr_2", "customer", "ses_b")];
  const fine = gateway.fakes["users.logout"];
  gateway.nudges.lost = true;
  gateway.fakes["users.logout"] = async (_params, actor) => {
    await commit(gateway.users, "usr_2", { type: "SessionsEnded", data: { session: actor?.session ?? "" } });
    return {};
  };
  expect((await send("POST /api/users/logout", { token })).status).toBe(204);
  gateway.fakes["users.logout"] = fine;
  gateway.nudges.lost = false;
  const answer = await send("GET /api/users/profile", { token });
  expect([...codeOf(answer), answer.headers["www-authenticate"]]).toEqual([
    401,
    "UNAUTHENTICATED",
    `Bearer error="invalid_token"`,
  ]);
  expect(await profile(other)).toBe(200);
});

test("an account that is disabled elsewhere is out as soon as the news is here", async () => {
  const token = gateway.token("usr_3", "admin");
  expect(await profile(token)).toBe(200);
  await commit(gateway.users, "usr_3", { type: "UserDisabled", data: {} });
  await commit(gateway.users, "usr_3", { type: "SessionsEnded", data: {} });
  await until(401, () => profile(token));
  // A revoked admin is nobody, not somebody who may not.
  expect((await send("GET /api/users", { token })).status).toBe(401);
});

test("after a change of password, old tokens are refused and a new one works, whatever the time", async () => {
  const old = gateway.token("usr_4");
  await commit(gateway.users, "usr_4", { type: "PasswordChanged", data: {} });
  await commit(gateway.users, "usr_4", { type: "SessionsEnded", data: {} });
  await until(401, () => profile(old));
  expect(await profile(gateway.token("usr_4", "customer", "ses_new", 2))).toBe(200);
});

test("a gateway that starts later knows what was revoked before", async () => {
  const START = Date.parse("2024-05-01T12:00:00.000Z");
  let now = START - 3_600_000;
  const late = await startGateway({ now: () => new Date(now), absent: ["users"] });
  for (let count = 0; count < 40; count += 1) {
    await commit(late.users, `usr_${count}`, { type: "SessionsEnded", data: { session: `ses_${count}` } });
    now += 90_000;
  }
  now = START;
  const token = late.token("usr_39", "customer", "ses_39");
  // The keys are there, the feed is not: nobody knows what was revoked, so nobody comes in.
  const keys = late.broker.createService({
    name: "users",
    actions: { jwks: (ctx: Context) => late.fakes["users.jwks"]?.({}, undefined, callerOf(ctx)) },
  });
  await late.broker.waitForServices("users");
  expect(codeOf(await late.send("GET /api/orders", { token }))).toEqual([503, "SERVICE_UNAVAILABLE"]);
  expect(late.calls).toEqual([]);
  await late.broker.destroyService(keys);
  await late.add("users");
  await until(401, async () => (await late.send("GET /api/orders", { token })).status);
  await until(200, async () => (await late.send("GET /api/orders", { token: late.token("usr_50") })).status);
  await late.stop();
});

test("refusals of a service keep their code, and unavailable ones say when to come again", async () => {
  const { fakes } = gateway;
  const fine = { ...fakes };
  fakes["users.register"] = async () => {
    throw new Refusal("EMAIL_TAKEN");
  };
  const taken = await send("POST /api/users/register", {
    body: { email: "a@b.c", password: "correct horse", name: "Kim" },
    headers: { "accept-language": "ko" },
  });
  expect([...codeOf(taken), taken.json().error]).toEqual([409, "EMAIL_TAKEN", "이미 존재하는 이메일입니다."]);
  fakes["users.login"] = async () => {
    throw new Refusal("INVALID_CREDENTIALS");
  };
  const wrong = await send("POST /api/users/login", { body: { email: "a@b.c", password: "x" } });
  expect([...codeOf(wrong), wrong.headers["www-authenticate"]]).toEqual([401, "INVALID_CREDENTIALS", "Bearer"]);
  fakes["orders.place"] = async () => {
    throw new Refusal("VALIDATION_FAILED", { errors: [{ path: "/items/0/productId", code: "NO_SUCH_PRODUCT" }] });
  };
  const unknown = await send("POST /api/orders", {
    token: gateway.token("usr_1"),
    headers: { "idempotency-key": "k" },
    body: {
      items: [{ productId: "p", quantity: 1 }],
      shippingAddress: { name: "K", line1: "L", city: "C", postalCode: "P", country: "KR" },
      payment: { method: "sandbox:ok" },
    },
  });
  expect([unknown.status, unknown.json().errors]).toEqual([
    422,
    [{ path: "/items/0/productId", code: "NO_SUCH_PRODUCT", message: "is not a product of this shop" }],
  ]);
  Object.assign(fakes, fine);
});

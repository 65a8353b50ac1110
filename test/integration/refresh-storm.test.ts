// Clients that refresh and use their tokens without a pause while their account is disabled, demoted or gets a new
// password.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { SignIn } from "../../contracts/users";
import { PasswordHasher } from "../../services/users/password-hasher";
import { type Started, startServices } from "../helpers/broker";
import { sharedStores } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, nextEmail, PASSWORD, peopleOf, refused } from "../helpers/users";

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const ROUNDS = 40;
const AT_ONCE = 8;
const CLIENTS = 3;
const A_SECOND = 1000;
const LIMIT = 240_000;

let users: [Started, Started];
let orders: Started;
let adminToken: string;
beforeAll(async () => {
  // Hashing that takes no time, so that racers reach each step together.
  jest.spyOn(PasswordHasher.prototype, "hash").mockImplementation(async password => `hash of ${password}`);
  jest
    .spyOn(PasswordHasher.prototype, "matches")
    .mockImplementation(async (password, hash) => hash === `hash of ${password}`);
  const openStore = sharedStores(() => temporaryStore(), 31);
  const network = `storm-${randomUUID()}`;
  const start = (name: "users" | "orders", skew = 0) =>
    startServices([name], {
      // Eight at once change who is an admin, on a slow store and beside other tests: how long one of them waits for
      // the others is not what is asked here.
      env: { ...ADMIN, TOKEN_KEY: pem, REQUEST_TIMEOUT_MS: "60000" },
      openStore,
      network,
      now: () => new Date(Date.now() + skew),
    });
  // The second one's clock is ahead: what it signs after the end looks later still.
  users = [await start("users"), await start("users", 3000)];
  orders = await start("orders");
  await orders.broker.waitForServices("users");
  adminToken = await peopleOf(users[0]).loginAdmin();
});

afterAll(() => void jest.restoreAllMocks());

type Person = Pick<SignIn["user"], "id" | "email">;

/**
 * Refreshes and uses what it gets, by turns at both instances, until it is refused or called off; every token it ever
 * had.
 */
const client = async (first: SignIn, over: AbortSignal) => {
  const tokens = [first.token];
  let { refreshToken } = first;
  /** A refresh that began when the change had been answered, and succeeded all the same. */
  let late = 0;
  const used: Promise<unknown>[] = [];
  for (let turn = 0; turn < 10_000; turn += 1) {
    const began = over.aborted;
    const next = await peopleOf(users[turn % 2 ? 1 : 0])
      .refresh(refreshToken)
      .catch(() => undefined);
    if (!next) break;
    if (began) late += 1;
    if (late > 3) break;
    tokens.push(next.token);
    ({ refreshToken } = next);
    used.push(orders.call("orders.list", {}, { token: next.token }).catch(() => undefined));
  }
  await Promise.all(used);
  return { tokens, refreshToken, late };
};

interface Change {
  /** What the account is before. */
  role: "customer" | "admin";
  apply(person: Person, session: SignIn): Promise<unknown>;
}

const round = async ({ role, apply }: Change): Promise<string[]> => {
  const [one, two] = [peopleOf(users[0]), peopleOf(users[1])];
  const { user } = await one.register(nextEmail());
  if (role === "admin") await one.change(adminToken, user.id, { role });
  const sessions = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => (index % 2 ? two : one).login(user.email)),
  );
  const spare = await one.login(user.email);
  const over = new AbortController();
  const clients = sessions.map(session => client(session, over.signal));
  await setTimeout(Math.random() * 60);
  await apply(user, spare);
  over.abort();
  const ends = await Promise.all(clients);
  await setTimeout(A_SECOND);

  const problems: string[] = [];
  const mustFail = async (what: string, code: string, call: () => Promise<unknown>) => {
    const failure = await call().then(
      () => ({ type: "nothing" }),
      (error: { type?: string }) => error,
    );
    if (failure.type !== code) problems.push(`${what}: ${failure.type}`);
  };
  for (const { tokens, refreshToken, late } of ends) {
    if (tokens.length < 2) problems.push("a client that never refreshed");
    if (late > 0) problems.push(`${late} sessions after the answer`);
    await mustFail("the last refresh token", "INVALID_REFRESH_TOKEN", () => one.refresh(refreshToken));
    for (const token of tokens) {
      await mustFail("orders", "UNAUTHENTICATED", () => orders.call("orders.list", {}, { token }));
      for (const shop of users)
        await mustFail("users", "UNAUTHENTICATED", () => shop.call("users.profile", {}, { token }));
    }
  }
  return problems;
};

test.each<[string, Change]>([
  [
    "disabled",
    { role: "customer", apply: async ({ id }) => peopleOf(users[1]).change(adminToken, id, { disabled: true }) },
  ],
  [
    "an admin no longer",
    { role: "admin", apply: async ({ id }) => peopleOf(users[1]).change(adminToken, id, { role: "customer" }) },
  ],
  [
    "given a new password",
    {
      role: "customer",
      apply: async (_person, { token }) =>
        users[1].call("users.changePassword", { currentPassword: PASSWORD, newPassword: "battery staple" }, { token }),
    },
  ],
])(
  "of an account that is %s while it refreshes in a loop, no token outlives the answer by a second",
  async (_what, change) => {
    for (let done = 0; done < ROUNDS; done += AT_ONCE) {
      const found = await Promise.all(Array.from({ length: AT_ONCE }, () => round(change)));
      expect(found.flat()).toEqual([]);
    }
  },
  LIMIT,
);

test(
  "of an account that is disabled in a storm no door opens again",
  async () => {
    const request = { email: nextEmail(), password: PASSWORD, name: "Kim Minji", idempotencyKey: "again" };
    const { user } = await users[0].call("users.register", request);
    const over = new AbortController();
    const doors = (shop: Started) => [
      () => shop.call("users.register", request),
      () => shop.call("users.login", { email: user.email, password: PASSWORD }),
    ];
    const got: SignIn[] = [];
    const knock = async (door: () => Promise<SignIn>) => {
      while (!over.signal.aborted)
        await door().then(
          signedIn => got.push(signedIn),
          () => undefined,
        );
    };
    const knocking = users.flatMap(doors).map(knock);
    while (got.length < 4) await setTimeout(10);
    await peopleOf(users[1]).change(adminToken, user.id, { disabled: true });
    over.abort();
    for (const shop of users) {
      await expect(shop.call("users.register", request)).rejects.toEqual(refused("EMAIL_TAKEN"));
      await expect(shop.call("users.login", { email: user.email, password: PASSWORD })).rejects.toEqual(
        refused("INVALID_CREDENTIALS"),
      );
    }
    await Promise.all(knocking);
    await setTimeout(A_SECOND);
    for (const { token, refreshToken } of got) {
      for (const shop of users) {
        await expect(shop.call("users.profile", {}, { token })).rejects.toEqual(refused("UNAUTHENTICATED"));
        await expect(peopleOf(shop).refresh(refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
      }
      await expect(orders.call("orders.list", {}, { token })).rejects.toEqual(refused("UNAUTHENTICATED"));
    }
  },
  LIMIT,
);

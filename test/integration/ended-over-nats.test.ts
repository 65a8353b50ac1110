// Ended tokens over NATS, past the gateway: a guest's broker that sends a token straight to a service gets no further
// with it.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import type { SignIn } from "../../contracts/users";
import { AccessTokens } from "../../lib/access/access-tokens";
import { type Started, startServices } from "../helpers/broker";
import { sharedStores } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, nextEmail, PASSWORD, peopleOf, refused } from "../helpers/users";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const A_SECOND = 1000;
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

describeWithNats("a guest's broker on the shop's NATS", () => {
  let nats: ServerProcess;
  let users: Started;
  let guest: ServiceBroker;
  let adminToken: string;
  let productId: string;
  const processes: Started[] = [];

  beforeAll(async () => {
    nats = await startNats();
    const openStore = sharedStores(() => temporaryStore(), 41);
    const env = { ...ADMIN, TOKEN_KEY: pem, NATS_URL: nats.url };
    // One process each, as in a cluster.
    for (const name of ["users", "products", "orders", "payments"] as const)
      processes.push(await startServices([name], { env, openStore }));
    users = processes[0] as Started;
    // Stock in everything: no middleware, no validator and no time limit of ours.
    guest = new ServiceBroker({
      namespace: "jangteo",
      nodeID: `guest-${randomUUID()}`,
      transporter: { type: "NATS", options: { servers: [nats.url] } },
      logger: false,
    });
    await guest.start();
    await guest.waitForServices(["users", "products", "orders", "payments"], 30_000, 20);
    adminToken = await peopleOf(users).loginAdmin();
    const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 100 };
    ({ id: productId } = (await as(adminToken, "products.create", mug)) as { id: string });
  });
  afterAll(async () => {
    await guest?.stop();
    for (const one of processes) await one.stop();
    await nats?.stop();
  });

  afterEach(() => jest.restoreAllMocks());

  const as = (token: string, action: string, params: object = {}): Promise<unknown> =>
    guest.call(action, params, { headers: { token } });
  const orderOf = (idempotencyKey: string) => ({
    idempotencyKey,
    items: [{ productId, quantity: 1 }],
    shippingAddress,
    payment: { method: "sandbox:ok" },
  });
  const ordered = async () => ((await as(adminToken, "orders.list", {})) as { total: number }).total;

  test.each<[string, (session: SignIn) => Promise<unknown>]>([
    ["signing out", ({ token }) => as(token, "users.logout")],
    ["a disabled account", ({ user }) => peopleOf(users).change(adminToken, user.id, { disabled: true })],
    [
      "a new password",
      ({ token }) => as(token, "users.changePassword", { currentPassword: PASSWORD, newPassword: "battery staple" }),
    ],
    ["a new role", ({ user }) => peopleOf(users).change(adminToken, user.id, { role: "admin" })],
    [
      "a refresh token that is used twice",
      async ({ refreshToken }) => {
        await peopleOf(users).refresh(refreshToken);
        await expect(peopleOf(users).refresh(refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
      },
    ],
  ])("%s: a second later the token orders, cancels and reads nothing", async (_what, end) => {
    const session = await peopleOf(users).register(nextEmail());
    const { order } = (await as(session.token, "orders.place", orderOf("before"))) as { order: { id: string } };
    await end(session);
    await setTimeout(A_SECOND);
    const before = await ordered();
    const attempts: [string, object][] = [
      ["orders.place", orderOf("after")],
      ["orders.cancel", { id: order.id }],
      ["orders.get", { id: order.id }],
      ["orders.list", {}],
      ["orders.events", { id: order.id }],
    ];
    for (const [action, params] of attempts)
      await expect(as(session.token, action, params)).rejects.toEqual(refused("UNAUTHENTICATED"));
    expect(await ordered()).toBe(before);
    expect(await as(adminToken, "orders.get", { id: order.id })).toMatchObject({ status: "confirmed" });
  });

  test.each<[string, (session: SignIn) => Promise<unknown>]>([
    ["no admin any more", ({ user }) => peopleOf(users).change(adminToken, user.id, { role: "customer" })],
    ["disabled", ({ user }) => peopleOf(users).change(adminToken, user.id, { disabled: true })],
    ["signed out", ({ token }) => as(token, "users.logout")],
  ])("an admin who is %s changes nothing from the very answer on, wherever he sends his token", async (_what, end) => {
    const { user } = await peopleOf(users).register(nextEmail());
    await peopleOf(users).change(adminToken, user.id, { role: "admin" });
    const customer = await peopleOf(users).register(nextEmail());
    const { order } = (await as(customer.token, "orders.place", orderOf("k"))) as { order: { id: string } };
    // No nudge comes: the log alone can say it so soon.
    jest.spyOn(AccessTokens.prototype, "look").mockResolvedValue();
    for (let round = 0; round < 3; round += 1) {
      const session = await peopleOf(users).login(user.email);
      await as(session.token, "users.list");
      const product = await as(adminToken, "products.get", { id: productId });
      await end(session);
      const attempts: [string, object][] = [
        [
          "products.create",
          { sku: `X-${randomUUID()}`, name: "X", category: "x", price: { amount: 1, currency: "USD" }, stock: 1 },
        ],
        ["products.change", { id: productId, name: "Mine" }],
        ["products.adjustStock", { id: productId, delta: 1 }],
        ["products.remove", { id: productId }],
        ["orders.ship", { id: order.id }],
        ["orders.refund", { id: order.id, reason: "mine" }],
        ["users.list", {}],
        ["users.change", { id: user.id, role: "admin" }],
      ];
      const results = await Promise.allSettled(attempts.map(([action, params]) => as(session.token, action, params)));
      expect(
        results.map(result => (result.status === "rejected" ? (result.reason as { type?: string }).type : "done")),
      ).toEqual(attempts.map(() => "UNAUTHENTICATED"));
      expect(await as(adminToken, "products.get", { id: productId })).toEqual(product);
      expect(await as(adminToken, "orders.get", { id: order.id })).toMatchObject({ status: "confirmed" });
      await peopleOf(users).change(adminToken, user.id, { role: "admin", disabled: false });
    }
  });

  const NOBODY_CONFIRMS =
    "while nobody can confirm an admin he is asked to come again, and nothing changes; customers go on";
  test(NOBODY_CONFIRMS, async () => {
    const { token } = await peopleOf(users).register(nextEmail());
    const { order } = (await as(token, "orders.place", orderOf("k"))) as { order: { id: string } };
    const product = await as(adminToken, "products.get", { id: productId });
    await users.stop();
    const unavailable = expect.objectContaining({ type: "SERVICE_UNAVAILABLE" }) as Error;
    await expect(as(adminToken, "products.adjustStock", { id: productId, delta: 1 })).rejects.toEqual(unavailable);
    await expect(as(adminToken, "products.remove", { id: productId })).rejects.toEqual(unavailable);
    await expect(as(adminToken, "orders.ship", { id: order.id })).rejects.toEqual(unavailable);
    // An admin's token is good for nothing else either: nobody says that it is still an admin's.
    await expect(as(adminToken, "orders.list")).rejects.toEqual(unavailable);
    expect(await as(token, "orders.get", { id: order.id })).toMatchObject({
      status: "confirmed",
      version: expect.any(Number) as number,
    });
    expect(await guest.call("products.get", { id: productId })).toEqual(product);
    await setTimeout(2 * A_SECOND);
    expect(await as(token, "orders.list")).toMatchObject({ total: 1 });
  });
});

// The payments service on a real broker and store: what each sandbox payment method answers, and what the sandbox's
// book says then.
import { join } from "node:path";
import { payments as contract, type PaymentMethod } from "../../contracts/payments";
import type { BookEntry } from "../../services/payments/sandbox-provider";
import { startServices } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { closeStore, temporaryStore } from "../helpers/store";

const price = { amount: 1999, currency: "USD" };
const reference = "sbx_o1";

const bookEntry = async (dataDir: string, orderId: string): Promise<BookEntry | null> => {
  const store = await temporaryStore(join(dataDir, "sandbox"));
  const entry = await (await store.collection<BookEntry>("book")).get(orderId);
  await closeStore(store);
  return entry;
};

const start = async (env: Record<string, string> = {}) => {
  const services = await startServices(["payments"], { env: { PAYMENT_TIMEOUT_MS: "300", ...env } });
  const authorize = (method: PaymentMethod, orderId = "o1") =>
    services.call("payments.authorize", { orderId, amount: price, method });
  const capture = (orderId = "o1") => services.call("payments.capture", { orderId });
  const cancel = (orderId = "o1") => services.call("payments.cancel", { orderId });
  return {
    ...services,
    authorize,
    capture,
    cancel,
    book: async (orderId = "o1") => (await services.stop(), bookEntry(services.dataDir, orderId)),
  };
};

test("sandbox:ok is authorised, captured, and given back", async () => {
  const shop = await start();
  expect(await shop.authorize("sandbox:ok")).toEqual({ status: "authorized", reference });
  expect(await shop.capture()).toEqual({ status: "captured", reference });
  expect(await shop.cancel()).toEqual({ status: "refunded", reference });
  expect(await shop.book()).toMatchObject({
    authorized: 1999,
    captured: 1999,
    refunded: 1999,
    voided: 0,
    history: ["authorized", "captured", "refunded"],
  });
});

test("what is authorised and then cancelled is let go", async () => {
  const shop = await start();
  await shop.authorize("sandbox:ok");
  expect(await shop.cancel()).toEqual({ status: "voided", reference });
  expect(await shop.capture()).toEqual({ status: "voided", reference });
  expect(await shop.book()).toMatchObject({
    authorized: 1999,
    captured: 0,
    voided: 1999,
    history: ["authorized", "voided"],
  });
});

test("sandbox:declined is declined, also when it is captured or cancelled then", async () => {
  const shop = await start();
  for (const call of [() => shop.authorize("sandbox:declined"), shop.capture, shop.cancel])
    expect(await call()).toEqual({ status: "declined", reference: null });
  expect(await shop.book()).toMatchObject({ authorized: 0, history: ["declined"] });
});

test.each([
  ["sandbox:timeout-then-ok", "authorized"],
  ["sandbox:timeout-then-declined", "declined"],
] as const)("%s is unknown at first, and %s when asked again", async (method, settled) => {
  const shop = await start();
  expect((await shop.authorize(method)).status).toBe("unknown");
  expect((await shop.authorize(method)).status).toBe(settled);
  expect((await shop.book())?.history).toEqual([settled]);
});

test("an unknown payment can be cancelled: what the provider has booked meanwhile is let go", async () => {
  const shop = await start();
  await shop.authorize("sandbox:timeout-then-ok");
  expect((await shop.cancel()).status).toBe("voided");
  expect(await shop.book()).toMatchObject({ authorized: 1999, voided: 1999, captured: 0 });
});

test("sandbox:unreachable stays unknown, and holds nothing", async () => {
  const shop = await start();
  for (const call of [
    () => shop.authorize("sandbox:unreachable"),
    shop.cancel,
    shop.cancel,
    () => shop.authorize("sandbox:unreachable"),
  ])
    expect((await call()).status).toBe("unknown");
  expect(await shop.book()).toMatchObject({ authorized: 0, captured: 0 });
});

test("a capture that comes before the authorisation is refused", async () => {
  const shop = await start();
  await expect(shop.capture()).rejects.toMatchObject({ type: "PAYMENT_NOT_AUTHORIZED" });
  expect(await shop.book()).toBeNull();
});

test("an authorize that comes after the cancel reports voided and never reaches the provider", async () => {
  const shop = await start();
  expect(await shop.cancel()).toEqual({ status: "voided", reference: null });
  expect(await shop.authorize("sandbox:ok")).toEqual({ status: "voided", reference: null });
  expect(await shop.book()).toBeNull();
});

test("after a restart everything is as it was, its feed tells the story, and a nudge of its last commit", async () => {
  const before = await start();
  await before.authorize("sandbox:ok");
  await before.stop();
  const after = await start({ DATA_DIR: before.dataDir });
  const nudges: number[] = [];
  after.broker.createService({
    name: "listener",
    events: { "payments.appended": ctx => void nudges.push((ctx.params as { position: number }).position) },
  });
  await after.broker.waitForServices("listener", 5000, 10);
  expect(await after.capture()).toEqual({ status: "captured", reference });
  const { commits } = await after.call("payments.feed", { after: 0, limit: 10 });
  expect(commits.flatMap(commit => commit.events.map(event => [event.aggregateId, event.type]))).toEqual(
    ["PaymentRequested", "PaymentAuthorized", "CaptureRequested", "PaymentCaptured"].map(type => ["payment-o1", type]),
  );
  await eventually("the last commit is told of", () => nudges.at(-1) === 4);
  expect(nudges.every(position => position >= 3)).toBe(true);
});

test("none of its actions is public", () =>
  expect(Object.values(contract).map(({ access }) => access)).toEqual(Array(5).fill("internal")));

// Two instances of payments over slow databases: no payment is captured twice, or after its cancel.
import type { paymentEvents } from "../../contracts/payments";
import { EventStore } from "../../lib/events/event-store";
import { PaymentCommands } from "../../services/payments/payment-commands";
import { withTimeout } from "../../services/payments/provider";
import { type BookEntry, SandboxProvider } from "../../services/payments/sandbox-provider";
import { PaymentProcess } from "../../services/payments/payment-process";
import { sharedStore, withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";

const amount = { amount: 1999, currency: "USD" };

const setUp = async (seed: number) => {
  const [store, sandbox] = [sharedStore(await temporaryStore(), seed), sharedStore(await temporaryStore(), seed + 100)];
  const instance = async () => {
    const log = await EventStore.open<typeof paymentEvents>(store, () => new Date());
    return new PaymentProcess(new PaymentCommands(log), withTimeout(await SandboxProvider.open(sandbox), 5000));
  };
  const instances = [await instance(), await instance()] as const;
  const log = await EventStore.open<typeof paymentEvents>(store, () => new Date());
  return {
    at: (index: number) => instances[index % 2 ? 1 : 0],
    log,
    book: await sandbox.collection<BookEntry>("book"),
  };
};
type World = Awaited<ReturnType<typeof setUp>>;

/** Everything at once, through both instances. What is wrong afterwards, in the log and in the provider's book. */
const race = async ({ at, log, book }: World, orderId: string, cancels: boolean): Promise<string[]> => {
  const authorize = (index: number) => at(index).authorize({ orderId, amount, method: "sandbox:ok" });
  const capture = (index: number) =>
    at(index)
      .capture(orderId)
      .catch(() => undefined);
  await Promise.all([authorize(0), authorize(1)]);
  await Promise.all([
    capture(0),
    capture(1),
    authorize(1),
    ...(cancels ? [at(0).cancel(orderId), at(1).cancel(orderId)] : []),
    capture(1),
    capture(0),
  ]);
  const types = (await log.getEvents(`payment-${orderId}`)).map(({ type }) => type);
  const entry = await book.get(orderId);
  const problems: string[] = [];
  const once = new Set(types).size === types.length;
  if (!once) problems.push(`something happened twice: ${types.join()}`);
  const cancelled = types.indexOf("CancelRequested");
  if (cancelled >= 0 && types.slice(cancelled).some(type => type === "CaptureRequested" || type === "PaymentCaptured"))
    problems.push(`a capture after the cancel: ${types.join()}`);
  if (entry?.authorized !== 1999) problems.push(`${entry?.authorized} authorised`);
  if ((entry?.captured ?? 0) - (entry?.refunded ?? 0) !== (cancels ? 0 : 1999))
    problems.push(`kept ${(entry?.captured ?? 0) - (entry?.refunded ?? 0)}`);
  if (cancels && (entry?.refunded ?? 0) + (entry?.voided ?? 0) !== 1999)
    problems.push("the cancel did not give back everything once");
  return problems;
};

const rounds = async (seed: number, count: number) => {
  const world = await setUp(seed);
  const problems: string[] = [];
  for (let round = 0; round < count; round += 1) problems.push(...(await race(world, `ord_${round}`, round % 3 > 0)));
  return problems;
};

afterEach(() => jest.restoreAllMocks());

describe("a payment that two instances authorise, capture and cancel at once", () => {
  test("is taken once, and never after its cancel, also when nobody in a process waits for anybody else", async () => {
    withoutLocks();
    expect(await rounds(21, 30)).toEqual([]);
  });

  test("and this test would notice if logs did not check the version that was decided on", async () => {
    withoutVersionChecks();
    expect(await rounds(22, 10)).not.toEqual([]);
  });
});

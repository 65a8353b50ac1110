// One payment, several processes: each effect comes once at the provider, whoever acts at the same time and wherever a
// process dies.
import type { PaymentProvider } from "../../services/payments/provider";
import { temporaryFolder } from "../helpers/broker";
import { world } from "../helpers/payment-world";

describe("two processes at the same time", () => {
  const twenty = async <T>(a: () => Promise<T>, b: () => Promise<T>) =>
    new Set(await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? a() : b()))));

  test("twenty equal commands are one authorisation, one capture, one refund", async () => {
    const { enter, book } = await world();
    const [one, other] = [await enter(), await enter()];
    expect(await twenty(one.authorize, other.authorize)).toEqual(new Set(["authorized"]));
    expect(await twenty(one.capture, other.capture)).toEqual(new Set(["captured"]));
    expect(await twenty(one.cancel, other.cancel)).toEqual(new Set(["refunded"]));
    expect(await book()).toMatchObject({
      authorized: 1999,
      captured: 1999,
      refunded: 1999,
      history: ["authorized", "captured", "refunded"],
    });
  });

  test("authorize, capture and cancel that race end with nothing held and nothing kept", async () => {
    const { enter, book } = await world();
    const [one, other] = [await enter(), await enter()];
    for (const round of Array.from({ length: 20 }, (_, index) => `o${index}`)) {
      await Promise.all([one.authorize(round), ...(round.endsWith("1") ? [] : [other.cancel(round)])]);
      await Promise.all([one.capture(round).catch(() => "refused"), other.cancel(round)]);
      expect(["voided", "refunded"]).toContain(await one.cancel(round));
      const entry = await book(round);
      expect((entry?.authorized ?? 0) - (entry?.voided ?? 0) - (entry?.captured ?? 0)).toBe(0);
      expect(entry?.captured ?? 0).toBe(entry?.refunded ?? 0);
    }
  });

  test.each([
    ["authorize", { authorized: 0, voided: 0, captured: 0, history: ["voided"] }],
    ["capture", { authorized: 1999, voided: 1999, captured: 0, history: ["authorized", "voided"] }],
  ] as const)(
    "a request to %s that reaches the provider after the cancel has no effect there",
    async (late, expected) => {
      const { enter, book } = await world();
      let [depart, arrive] = [() => {}, () => {}];
      const departed = new Promise<void>(resolve => (depart = resolve));
      const mayArrive = new Promise<void>(resolve => (arrive = resolve));
      const slow = await enter(provider => ({
        ...provider,
        [late]: async (what: never) => (depart(), await mayArrive, provider[late](what)),
      }));
      const other = await enter();
      if (late === "capture") await other.authorize();
      const underWay = slow[late]();
      await departed;
      expect(await other.cancel()).toBe("voided");
      arrive();
      expect(await underWay).toBe("voided");
      expect(await book()).toMatchObject(expected);
    },
  );
});

describe("a process that dies on the way", () => {
  class Death extends Error {}
  const dieAt = (operation: keyof PaymentProvider, moment: "before" | "after") => (provider: PaymentProvider) => ({
    ...provider,
    async [operation](what: never) {
      if (moment === "after") await provider[operation](what);
      throw new Death();
    },
  });
  const noting = (calls: string[]) => (provider: PaymentProvider) =>
    new Proxy(provider, {
      get(target, operation: keyof PaymentProvider) {
        calls.push(operation);
        return target[operation];
      },
    });
  /**
   * Runs a command in a process that dies there, then in one that is started anew: how it ends, and what the second one
   * said to the provider.
   */
  const survive = async (
    folder: string,
    command: "authorize" | "capture" | "cancel",
    death: ReturnType<typeof dieAt>,
  ) => {
    const first = await world(folder);
    const dying = await first.enter(death);
    const died = await dying[command]().then(
      () => false,
      error => error instanceof Death,
    );
    await first.end();
    const second = await world(folder);
    const said: string[] = [];
    const status = await (await second.enter(noting(said)))[command]();
    const entry = await second.book();
    await second.end();
    return { died, status, said, history: entry?.history };
  };
  const moments = ["before", "after"] as const;

  test.each(moments)(
    "%s each call to the provider: the next one asks what became of it and finishes its work, each effect once",
    async moment => {
      const folder = temporaryFolder();
      const repeats = (operation: string) => (moment === "before" ? ["find", operation] : ["find"]);
      const [authorized, captured, refunded] = [
        ["authorized"],
        ["authorized", "captured"],
        ["authorized", "captured", "refunded"],
      ];
      expect(await survive(folder, "authorize", dieAt("authorize", moment))).toEqual({
        died: true,
        status: "authorized",
        said: repeats("authorize"),
        history: authorized,
      });
      expect(await survive(folder, "capture", dieAt("capture", moment))).toEqual({
        died: true,
        status: "captured",
        said: repeats("capture"),
        history: captured,
      });
      expect(await survive(folder, "cancel", dieAt("void", moment))).toEqual({
        died: true,
        status: "refunded",
        said: ["void", "refund"],
        history: refunded,
      });
    },
  );

  test.each(moments)("%s the refund: it comes once", async moment => {
    const folder = temporaryFolder();
    const { enter, end } = await world(folder);
    const process = await enter();
    await process.authorize();
    await process.capture();
    await end();
    const said = moment === "before" ? ["void", "refund"] : ["void"];
    expect(await survive(folder, "cancel", dieAt("refund", moment))).toEqual({
      died: true,
      status: "refunded",
      said,
      history: ["authorized", "captured", "refunded"],
    });
  });
});

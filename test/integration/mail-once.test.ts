// One mail per event and in order per recipient, also with several mail processes on one store, dying ones among them.
import type { Delivery, Mail } from "../../services/mail/delivery";
import { type Happening, MailQueue } from "../../services/mail/queue";
import { MailSender } from "../../services/mail/sender";
import { SendOnce, type SentDocument } from "../../services/mail/send-once";
import { openOnce } from "../helpers/around-store";
import { eventually } from "../helpers/eventually";
import { temporaryStore } from "../helpers/store";

const mail: Mail = {
  id: "ord_1-1",
  date: "2026-01-02T03:04:05.678Z",
  from: "shop@example.com",
  to: { name: "Kim", address: "kim@example.org" },
  subject: "s",
  text: "t",
};
const never = new Promise<never>(() => undefined);
const sent = async () => ({ status: "sent" as const });
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const start = async () => {
  const store = openOnce(await temporaryStore());
  let now = Date.parse("2026-01-02T00:00:00Z");
  const clock = () => new Date(now);
  return {
    store,
    clock,
    outlet: (send: Delivery["send"]) => SendOnce.open(store, { send, close: () => undefined }, clock),
    pass: (seconds: number) => (now += seconds * 1000),
  };
};

describe("a mail", () => {
  test("that twenty processes see at once is sent once", async () => {
    const { outlet } = await start();
    let count = 0;
    const outlets = await Promise.all(
      Array.from({ length: 20 }, () => outlet(async () => ((count += 1), { status: "sent" }))),
    );
    const results = await Promise.all(outlets.map(one => one.send(mail)));
    expect(count).toBe(1);
    expect(results.filter(({ status }) => status === "sent")).toHaveLength(1);
    expect(results.filter(({ status }) => !["sent", "taken", "done"].includes(status))).toEqual([]);
    expect(await outlets[0]?.send(mail)).toEqual({ status: "done" });
  });

  test("that a dead process had begun is left alone at first, and sent by another when the claim expired", async () => {
    const { outlet, pass } = await start();
    const [dying, other] = [await outlet(() => never), await outlet(sent)];
    void dying.send(mail);
    await eventually("the mail is taken", async () => (await other.send(mail)).status === "taken");
    pass(16);
    expect(await other.send(mail)).toEqual({ status: "sent" });
  });

  test.each([
    ["could not be tried", () => Promise.reject(new Error("no connection"))],
    ["was put off", async () => ({ status: "deferred" as const, reason: "450" })],
  ])("that %s can be tried again at once", async (_title, send) => {
    const { outlet } = await start();
    await (await outlet(send)).send(mail).catch(() => undefined);
    expect(await (await outlet(sent)).send(mail)).toEqual({ status: "sent" });
  });

  test.each(["kim@example.org, eve@example.com", "kim@example.org>\r\nRCPT TO:<eve@example.com", "kim", "@", "a b@c"])(
    "to %j leaves for nobody",
    async address => {
      const { outlet } = await start();
      const tried: Mail[] = [];
      const one = await outlet(async out => (tried.push(out), { status: "sent" }));
      expect(await one.send({ ...mail, to: { name: undefined, address } })).toMatchObject({ status: "rejected" });
      expect([tried, await one.send(mail)]).toEqual([[], { status: "done" }]);
    },
  );
});

describe("three processes with one queue", () => {
  test("send each mail once, and every recipient's in order, though some are put off and some tries fail", async () => {
    const { store, clock, outlet, pass } = await start();
    const left: { lane: string; id: string }[] = [];
    let tries = 0;
    const send = async ({ id, to }: Mail) => {
      tries += 1;
      await new Promise(resolve => setTimeout(resolve, (tries * 7) % 5));
      if (tries % 5 === 0) throw new Error("no connection");
      if (tries % 3 === 0) return { status: "deferred" as const, reason: "450" };
      left.push({ lane: to.address, id });
      return { status: "sent" as const };
    };
    const processes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const queue = await MailQueue.open(store, clock);
        const compose = async ({ id, aggregateId }: Happening) => ({
          mail: { ...mail, id, to: { name: undefined, address: `${aggregateId}@example.org` } },
        });
        return { queue, sender: new MailSender(queue, await outlet(send), compose, clock, silent) };
      }),
    );
    const lanes = ["a", "b", "c", "d"];
    const events = Array.from({ length: 40 }, (_, index) => ({
      id: `${lanes[index % 4]}-${index}`,
      type: "OrderConfirmed",
      aggregateId: lanes[index % 4],
      version: index,
      data: {},
      timestamp: mail.date,
    })) as Happening[];
    for (const event of events) for (const { queue } of processes) await queue.add(event);
    // The clock stands while they work: a claim lives for seconds, and a jump would end it.
    for (let round = 0; round < 200 && left.length < events.length; round += 1) {
      await Promise.all(processes.map(({ sender }) => sender.nudge()));
      pass(60 * 60);
    }
    await Promise.all(processes.map(({ sender }) => sender.stop()));
    for (const lane of lanes) {
      const ids = left.filter(one => one.lane === `${lane}@example.org`).map(({ id }) => id);
      expect(ids).toEqual(events.filter(({ aggregateId }) => aggregateId === lane).map(({ id }) => id));
    }
    const ledger = await (await store.collection<SentDocument>("sent")).find();
    expect(new Set(ledger.map(({ outcome }) => outcome))).toEqual(new Set(["sent"]));
    expect(await processes[0]?.queue.due(100)).toEqual([]);
  });
});

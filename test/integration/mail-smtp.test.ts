// Mail through an SMTP server that is down, refuses, or dies at a bad moment; and through several mail processes.
import { join } from "node:path";
import type { CheckpointDocument } from "../../lib/feed";
import type { Delivery, Mail } from "../../services/mail/delivery";
import { Postbox, type SentDocument } from "../../services/mail/postbox";
import { eventually, parseMessage, startMail, Town } from "../helpers/mailroom";
import { startSmtpServer } from "../helpers/smtp-server";
import { closeStore, temporaryStore } from "../helpers/store";

const confirmed = { type: "OrderConfirmed" as const, data: {} };

const townOfTwo = (): Town => {
  const town = new Town();
  for (const id of ["kim", "lee"]) town.contacts.set(id, { email: `${id}@example.org`, name: id, locale: "en" });
  return town;
};
const recipients = (messages: readonly string[]) => messages.map(message => parseMessage(message).headers.get("to"));

test("a mail goes to its recipient with a Message-ID that a repeat would have too", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  town.happens(confirmed, "ord_1", "kim");
  await startMail(town, { SMTP_URL: server.url });
  const [message = ""] = await eventually(() => server.messages.length > 0 && server.messages);
  const { headers, text } = parseMessage(message);
  expect([headers.get("to"), headers.get("message-id")]).toEqual(["kim <kim@example.org>", "<ord_1-1@jangteo.example>"]);
  expect(text).toContain("Total: $10.00");
});

test.each([
  ["is down", (server: Awaited<ReturnType<typeof startSmtpServer>>, fails: boolean) => (server.isDown = fails)],
  ["refuses the shop itself", (server: Awaited<ReturnType<typeof startSmtpServer>>, fails: boolean) => (fails ? server.replies.set("MAIL FROM", "550 who are you") : server.replies.clear())],
] as const)("while the server %s nothing is lost; afterwards each mail arrives once, in order", async (_title, fail) => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  fail(server, true);
  town.happens(confirmed, "ord_1", "kim");
  const mail = await startMail(town, { SMTP_URL: server.url });
  await eventually(() => server.connections >= 2);
  town.happens(confirmed, "ord_2", "lee");
  fail(server, false);
  await mail.tell();
  await eventually(() => server.messages.length >= 2);
  expect(recipients(server.messages)).toEqual(["kim <kim@example.org>", "lee <lee@example.org>"]);
});

test("a recipient who is refused for good is an error in the log, and does not hold up the others", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  server.replies.set("RCPT TO:<kim@", "550 no such user");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  const { logs } = await startMail(town, { SMTP_URL: server.url });
  await eventually(() => server.messages.length > 0);
  expect(recipients(server.messages)).toEqual(["lee <lee@example.org>"]);
  expect(logs.filter(line => line.startsWith("error"))).toEqual([expect.stringMatching(/ord_1-1 .*550 no such user/)]);
});

test("an event that comes again after a crash is not mailed again", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town, { SMTP_URL: server.url });
  await eventually(() => server.messages.length > 0);
  await before.stop();
  const store = await temporaryStore(join(before.dataDir, "mail"));
  await (await store.collection<CheckpointDocument>("checkpoints")).update({ _id: "orders" }, { $set: { position: 0 } });
  await closeStore(store);
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url, DATA_DIR: before.dataDir });
  await eventually(() => server.messages.length >= 2);
  expect(recipients(server.messages)).toEqual(["kim <kim@example.org>", "lee <lee@example.org>"]);
});

describe("several mail processes on one store", () => {
  const mail: Mail = { id: "ord_1-1", date: "2026-01-02T03:04:05.678Z", from: "shop@example.com", to: { name: "Kim", address: "kim@example.org" }, subject: "s", text: "t" };
  const never = new Promise<never>(() => undefined);
  const start = async () => {
    const sent = await (await temporaryStore()).collection<SentDocument>("sent");
    let now = Date.parse("2026-01-02T00:00:00Z");
    const deliver = (send: Delivery["send"]) => new Postbox(sent, { send, close: () => undefined }, () => new Date(now));
    return { deliver, pass: (seconds: number) => (now += seconds * 1000) };
  };

  test("twenty that see one event at once send one mail", async () => {
    const { deliver } = await start();
    let count = 0;
    const boxes = Array.from({ length: 20 }, () => deliver(async () => ((count += 1), { status: "sent" })));
    await Promise.all(boxes.map(box => box.send(mail)));
    expect(count).toBe(1);
  });

  test("what a dead process had begun is left alone at first, and sent by another when its claim has expired", async () => {
    const { deliver, pass } = await start();
    let count = 0;
    const [dying, other] = [deliver(() => never), deliver(async () => ((count += 1), { status: "sent" }))];
    void dying.send(mail);
    await expect(other.send(mail)).rejects.toThrow("another process");
    pass(16);
    await other.send(mail);
    expect(count).toBe(1);
  });

  test("a failed send can be tried again at once", async () => {
    const { deliver } = await start();
    await expect(deliver(() => Promise.reject(new Error("no connection"))).send(mail)).rejects.toThrow("no connection");
    expect(await deliver(async () => ({ status: "sent" })).send(mail)).toEqual({ status: "sent" });
  });

  test("a recipient who cannot be reached is tried again for ten minutes, then given up", async () => {
    const { deliver, pass } = await start();
    const box = deliver(async () => ({ status: "deferred", reason: "452 mailbox full" }));
    await expect(box.send(mail)).rejects.toThrow("452 mailbox full");
    pass(9 * 60);
    await expect(box.send(mail)).rejects.toThrow("452 mailbox full");
    pass(60);
    expect(await box.send(mail)).toEqual({ status: "rejected", reason: "452 mailbox full" });
  });
});

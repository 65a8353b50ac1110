// Mail through an SMTP server that is down, refuses, or dies at a bad moment; and through several mail processes.
import { join } from "node:path";
import type { CheckpointDocument } from "../../lib/events/checkpoint";
import { eventually, parseMessage, startMail, Town } from "../helpers/mailroom";
import { startSmtpServer } from "../helpers/smtp-server";
import { closeStore, temporaryStore } from "../helpers/store";

const confirmed = { type: "OrderConfirmed" as const, data: {} };
const shipped = { type: "OrderShipped" as const, data: {} };

/** A clock that passes by itself, and jumps when told to. */
const startClock = () => {
  let ahead = 0;
  return { now: () => new Date(Date.now() + ahead), jump: (minutes: number) => (ahead += minutes * 60_000) };
};

const townOfTwo = (): Town => {
  const town = new Town();
  for (const id of ["kim", "lee"])
    town.contacts.set(id, { email: `${id}@example.org`, name: id, locale: "en", emailVerified: true });
  return town;
};
const subjects = (messages: readonly string[], to: string) =>
  messages
    .map(message => parseMessage(message).headers)
    .filter(headers => headers.get("to")?.includes(`<${to}@`))
    .map(headers => headers.get("subject"));
const recipients = (messages: readonly string[]) => messages.map(message => parseMessage(message).headers.get("to"));

test("a mail goes to its recipient with a Message-ID that a repeat would have too", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  town.happens(confirmed, "ord_1", "kim");
  await startMail(town, { SMTP_URL: server.url });
  const [message = ""] = await eventually(() => server.messages.length > 0 && server.messages);
  const { headers, text } = parseMessage(message);
  expect([headers.get("to"), headers.get("message-id")]).toEqual([
    "kim <kim@example.org>",
    "<ord_1-1@jangteo.example>",
  ]);
  expect(text).toContain("Total: $10.00");
});

test.each([
  ["is down", (server: Awaited<ReturnType<typeof startSmtpServer>>, fails: boolean) => (server.isDown = fails)],
  [
    "refuses the shop itself",
    (server: Awaited<ReturnType<typeof startSmtpServer>>, fails: boolean) =>
      fails ? server.replies.set("MAIL FROM", "550 who are you") : server.replies.clear(),
  ],
] as const)(
  "while the server %s nothing is lost; afterwards each mail arrives once, in order per recipient",
  async (_title, fail) => {
    const [town, server] = [townOfTwo(), await startSmtpServer()];
    fail(server, true);
    town.happens(confirmed, "ord_1", "kim");
    const mail = await startMail(town, { SMTP_URL: server.url });
    await eventually(() => server.connections >= 2);
    town.happens(confirmed, "ord_2", "lee");
    town.happens(shipped, "ord_1", "kim");
    fail(server, false);
    await mail.tell();
    await eventually(() => server.messages.length >= 3);
    expect(subjects(server.messages, "kim")).toEqual([
      "Your order ord_1 is confirmed",
      "Your order ord_1 is on its way",
    ]);
    expect(subjects(server.messages, "lee")).toEqual(["Your order ord_2 is confirmed"]);
  },
);

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
  await (
    await store.collection<CheckpointDocument>("checkpoints")
  ).update({ _id: "orders" }, { $set: { position: 0 } });
  await closeStore(store);
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url, DATA_DIR: before.dataDir });
  await eventually(() => server.messages.length >= 2);
  expect(recipients(server.messages)).toEqual(["kim <kim@example.org>", "lee <lee@example.org>"]);
});

describe.each([
  ["450 to its RCPT TO", "RCPT TO:<kim@", "450 greylisted"],
  ["452 to its RCPT TO", "RCPT TO:<kim@", "452 mailbox full"],
])("a recipient who is answered %s", (_title, command, answer) => {
  test("holds up nobody; his mails wait, in order, and arrive later", async () => {
    const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
    server.replies.set(command, answer);
    town.happens(confirmed, "ord_1", "kim");
    const mail = await startMail(town, { SMTP_URL: server.url }, clock.now);
    await eventually(() => mail.logs.some(line => line.includes("ord_1-1 waits until") && line.includes(answer)));
    town.happens(shipped, "ord_1", "kim");
    town.happens(confirmed, "ord_2", "lee");
    town.happens(confirmed, "ord_3", "kim");
    await mail.tell();
    await eventually(() => server.messages.length > 0);
    server.replies.clear();
    town.happens(shipped, "ord_2", "lee");
    await mail.tell();
    await eventually(() => server.messages.length > 1);
    expect(recipients(server.messages)).toEqual(["lee <lee@example.org>", "lee <lee@example.org>"]);
    clock.jump(2);
    await eventually(() => server.messages.length > 4);
    expect(subjects(server.messages, "kim")).toEqual([
      "Your order ord_1 is confirmed",
      "Your order ord_1 is on its way",
      "Your order ord_3 is confirmed",
    ]);
  });
});

test.each(["451 try later", "452 no room"])("a mail whose text is answered %s is put off alone", async answer => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.takes = message => (message.includes("kim@") ? answer : "250 taken");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => server.messages.length > 0);
  server.takes = () => "250 taken";
  clock.jump(2);
  await eventually(() => server.messages.length > 1);
  expect(recipients(server.messages)).toEqual(["lee <lee@example.org>", "kim <kim@example.org>"]);
});

test("who was put off is remembered over a restart", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.replies.set("RCPT TO:<kim@", "450 greylisted");
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => before.logs.some(line => line.includes("ord_1-1 waits until")));
  await before.stop();
  server.replies.clear();
  town.happens(shipped, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url, DATA_DIR: before.dataDir }, clock.now);
  await eventually(() => server.messages.length > 0);
  expect(recipients(server.messages)).toEqual(["lee <lee@example.org>"]);
  clock.jump(2);
  await eventually(() => server.messages.length > 2);
  expect(subjects(server.messages, "kim")).toEqual(["Your order ord_1 is confirmed", "Your order ord_1 is on its way"]);
});

test("who is put off for a day is given up, loudly, and his next mail gets its own chance", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.replies.set("RCPT TO:<kim@", "450 greylisted");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(shipped, "ord_1", "kim");
  const { logs } = await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => logs.some(line => line.includes("ord_1-1 waits until")));
  clock.jump(25 * 60);
  await eventually(() =>
    logs.some(line => line.startsWith("error") && /ord_1-1 is given up .*450 greylisted/.test(line)),
  );
  await eventually(() => logs.some(line => line.includes("ord_1-2 waits until")));
  server.replies.clear();
  clock.jump(2);
  await eventually(() => server.messages.length > 0);
  expect(subjects(server.messages, "kim")).toEqual(["Your order ord_1 is on its way"]);
});

test("a server that is down for two days costs no mail", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.isDown = true;
  town.happens(confirmed, "ord_1", "kim");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => server.connections >= 2);
  clock.jump(48 * 60);
  await eventually(() => server.connections >= 3);
  server.isDown = false;
  clock.jump(2);
  await eventually(() => server.messages.length > 0);
  expect(recipients(server.messages)).toEqual(["kim <kim@example.org>"]);
});

test("a mail that ends every connection holds up nobody for good", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.takes = message => (message.includes("kim@") ? undefined : "250 taken");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => server.messages.length > 0);
  expect(recipients(server.messages)).toEqual(["lee <lee@example.org>"]);
});

test("an order that cannot be read holds up its owner's mails, also of other orders, and nobody else's", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  town.unreadable.add("ord_1");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "kim");
  town.happens(confirmed, "ord_3", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually(() => server.messages.length > 0);
  expect(recipients(server.messages)).toEqual(["lee <lee@example.org>"]);
  town.unreadable.clear();
  clock.jump(2);
  await eventually(() => server.messages.length > 2);
  expect(subjects(server.messages, "kim")).toEqual(["Your order ord_1 is confirmed", "Your order ord_2 is confirmed"]);
});

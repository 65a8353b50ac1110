// Mails that are put off: they wait, in order, hold up nobody else, and are tried for a day.
import type { ReadMail } from "../helpers/mails";
import { eventually } from "../helpers/eventually";
import { confirmed, shipped, startClock, startMail, townOfTwo } from "../helpers/mailroom";
import { recipients, startSmtpServer, subjectsTo } from "../helpers/smtp-server";

const isForKim = ({ to }: ReadMail) => to.some(one => one.includes("kim@"));

describe.each([
  ["450 to its RCPT TO", "RCPT TO:<kim@", "450 greylisted"],
  ["452 to its RCPT TO", "RCPT TO:<kim@", "452 mailbox full"],
])("a recipient who is answered %s", (_title, command, answer) => {
  test("holds up nobody; his mails wait, in order, and arrive later", async () => {
    const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
    server.replies.set(command, answer);
    town.happens(confirmed, "ord_1", "kim");
    const mail = await startMail(town, { SMTP_URL: server.url }, clock.now);
    await eventually("the mail waits", () =>
      mail.logs.some(line => line.includes("ord_1-1 waits until") && line.includes(answer)),
    );
    town.happens(shipped, "ord_1", "kim");
    town.happens(confirmed, "ord_2", "lee");
    town.happens(confirmed, "ord_3", "kim");
    await mail.tell();
    await eventually("a mail has come", () => server.messages.length > 0);
    server.replies.clear();
    town.happens(shipped, "ord_2", "lee");
    await mail.tell();
    await eventually("2 mails have come", () => server.messages.length > 1);
    expect(recipients(server)).toEqual(["lee@example.org", "lee@example.org"]);
    clock.jump(2);
    await eventually("5 mails have come", () => server.messages.length > 4);
    expect(subjectsTo("kim", server)).toEqual([
      "Your order ord_1 is confirmed",
      "Your order ord_1 is on its way",
      "Your order ord_3 is confirmed",
    ]);
  });
});

test.each(["451 try later", "452 no room"])("a mail whose text is answered %s is put off alone", async answer => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.takes = mail => (isForKim(mail) ? answer : "250 taken");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("a mail has come", () => server.messages.length > 0);
  server.takes = () => "250 taken";
  clock.jump(2);
  await eventually("2 mails have come", () => server.messages.length > 1);
  expect(recipients(server)).toEqual(["lee@example.org", "kim@example.org"]);
});

test("who was put off is remembered over a restart", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.replies.set("RCPT TO:<kim@", "450 greylisted");
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("the mail waits", () => before.logs.some(line => line.includes("ord_1-1 waits until")));
  await before.stop();
  server.replies.clear();
  town.happens(shipped, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url, DATA_DIR: before.dataDir }, clock.now);
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(recipients(server)).toEqual(["lee@example.org"]);
  clock.jump(2);
  await eventually("3 mails have come", () => server.messages.length > 2);
  expect(subjectsTo("kim", server)).toEqual(["Your order ord_1 is confirmed", "Your order ord_1 is on its way"]);
});

test("who is put off for a day is given up, loudly, and his next mail gets its own chance", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.replies.set("RCPT TO:<kim@", "450 greylisted");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(shipped, "ord_1", "kim");
  const { logs } = await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("the mail waits", () => logs.some(line => line.includes("ord_1-1 waits until")));
  clock.jump(25 * 60);
  await eventually("the mail is given up", () =>
    logs.some(line => line.startsWith("error") && /ord_1-1 is given up .*450 greylisted/.test(line)),
  );
  await eventually("the mail waits", () => logs.some(line => line.includes("ord_1-2 waits until")));
  server.replies.clear();
  clock.jump(2);
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(subjectsTo("kim", server)).toEqual(["Your order ord_1 is on its way"]);
});

test("a mail that ends every connection holds up nobody for good", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.takes = mail => (isForKim(mail) ? undefined : "250 taken");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(recipients(server)).toEqual(["lee@example.org"]);
});

test("an order that cannot be read holds up its owner's mails, also of other orders, and nobody else's", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  town.unreadable.add("ord_1");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "kim");
  town.happens(confirmed, "ord_3", "lee");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(recipients(server)).toEqual(["lee@example.org"]);
  town.unreadable.clear();
  clock.jump(2);
  await eventually("3 mails have come", () => server.messages.length > 2);
  expect(subjectsTo("kim", server)).toEqual(["Your order ord_1 is confirmed", "Your order ord_2 is confirmed"]);
});

// Mail through an SMTP server that is down, refuses the shop, or refuses a recipient for good.
import { join } from "node:path";
import type { CheckpointDocument } from "../../lib/events/checkpoint";
import { eventually } from "../helpers/eventually";
import { confirmed, shipped, startClock, startMail, townOfTwo } from "../helpers/mailroom";
import { recipients, type SmtpServer, startSmtpServer, subjectsTo } from "../helpers/smtp-server";
import { closeStore, temporaryStore } from "../helpers/store";

test("a mail goes to its recipient with a Message-ID that a repeat would have too", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  town.happens(confirmed, "ord_1", "kim");
  await startMail(town, { SMTP_URL: server.url });
  const [mail] = await eventually("a mail has come", () => server.messages.length > 0 && server.messages);
  expect(mail).toMatchObject({
    envelope: { from: "shop@jangteo.example", to: ["kim@example.org"] },
    to: ["kim <kim@example.org>"],
    messageId: "<ord_1-1@jangteo.example>",
    text: expect.stringContaining("Total: $10.00"),
  });
});

const failures: Record<string, (server: SmtpServer, fails: boolean) => void> = {
  "is down": (server, fails) => (server.isDown = fails),
  "refuses the shop itself": (server, fails) =>
    fails ? server.replies.set("MAIL FROM", "550 who are you") : server.replies.clear(),
};

test.each(Object.entries(failures))(
  "while the server %s nothing is lost; afterwards each mail arrives once, in order per recipient",
  async (_title, fail) => {
    const [town, server] = [townOfTwo(), await startSmtpServer()];
    fail(server, true);
    town.happens(confirmed, "ord_1", "kim");
    const mail = await startMail(town, { SMTP_URL: server.url });
    await eventually("the server was called 2 times", () => server.connections >= 2);
    town.happens(confirmed, "ord_2", "lee");
    town.happens(shipped, "ord_1", "kim");
    fail(server, false);
    await mail.tell();
    await eventually("3 mails have come", () => server.messages.length >= 3);
    expect(subjectsTo("kim", server)).toEqual(["Your order ord_1 is confirmed", "Your order ord_1 is on its way"]);
    expect(subjectsTo("lee", server)).toEqual(["Your order ord_2 is confirmed"]);
  },
);

test("a recipient who is refused for good is an error in the log, and does not hold up the others", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  server.replies.set("RCPT TO:<kim@", "550 no such user");
  town.happens(confirmed, "ord_1", "kim");
  town.happens(confirmed, "ord_2", "lee");
  const { logs } = await startMail(town, { SMTP_URL: server.url });
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(recipients(server)).toEqual(["lee@example.org"]);
  expect(logs.filter(line => line.startsWith("error"))).toEqual([expect.stringMatching(/ord_1-1 .*550 no such user/)]);
});

test("an event that comes again after a crash is not mailed again", async () => {
  const [town, server] = [townOfTwo(), await startSmtpServer()];
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town, { SMTP_URL: server.url });
  await eventually("a mail has come", () => server.messages.length > 0);
  await before.stop();
  const store = await temporaryStore(join(before.dataDir, "mail"));
  await (
    await store.collection<CheckpointDocument>("checkpoints")
  ).update({ _id: "orders" }, { $set: { position: 0 } });
  await closeStore(store);
  town.happens(confirmed, "ord_2", "lee");
  await startMail(town, { SMTP_URL: server.url, DATA_DIR: before.dataDir });
  await eventually("2 mails have come", () => server.messages.length >= 2);
  expect(recipients(server)).toEqual(["kim@example.org", "lee@example.org"]);
});

test("a server that is down for two days costs no mail", async () => {
  const [town, server, clock] = [townOfTwo(), await startSmtpServer(), startClock()];
  server.isDown = true;
  town.happens(confirmed, "ord_1", "kim");
  await startMail(town, { SMTP_URL: server.url }, clock.now);
  await eventually("the server was called 2 times", () => server.connections >= 2);
  clock.jump(48 * 60);
  await eventually("the server was called 3 times", () => server.connections >= 3);
  server.isDown = false;
  clock.jump(2);
  await eventually("a mail has come", () => server.messages.length > 0);
  expect(recipients(server)).toEqual(["kim@example.org"]);
});

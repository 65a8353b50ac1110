// The conversation with an SMTP server: who the shop says it is, and how long it listens to a server that says nothing.
import { smtp } from "../../services/mail/smtp";
import type { Mail } from "../../services/mail/delivery";
import { recipients, startSmtpServer } from "../helpers/smtp-server";

const mail: Mail = {
  id: "ord_1-1",
  date: "2026-01-02T03:04:05.678Z",
  from: "shop@example.com",
  to: { name: "Kim", address: "kim@example.org" },
  subject: "s",
  text: "t",
};
const login = { user: "shop", password: "p@ss,word:1/2%" };
const LIMIT_MS = 200;

test("the name and password of the address open the server, special characters and all", async () => {
  const server = await startSmtpServer({ login });
  const delivery = smtp(`smtp://${login.user}:${encodeURIComponent(login.password)}@${server.host}`);
  expect(await delivery.send(mail)).toEqual({ status: "sent" });
  expect(recipients(server)).toEqual(["kim@example.org"]);
  delivery.close();
});

test.each(["", "shop:wrong@"])("without them (%j) the mail is no worse than before: it was not tried", async user => {
  const server = await startSmtpServer({ login });
  const delivery = smtp(`smtp://${user}${server.host}`);
  await expect(delivery.send(mail)).rejects.toThrow(/who are you|authentication/i);
  expect(recipients(server)).toEqual([]);
  delivery.close();
});

test("a server whose certificate nobody vouches for gets neither password nor mail", async () => {
  const server = await startSmtpServer({ login, secure: true });
  const delivery = smtp(`smtps://${login.user}:${encodeURIComponent(login.password)}@${server.host}`);
  await expect(delivery.send(mail)).rejects.toThrow(/certificate/);
  expect([server.logins, recipients(server)]).toEqual([0, []]);
  delivery.close();
});

test("a server that does not greet is left alone after the time limit", async () => {
  const server = await startSmtpServer();
  server.isSilent = true;
  const delivery = smtp(server.url, LIMIT_MS);
  await expect(delivery.send(mail)).rejects.toThrow(/time|abort/i);
  delivery.close();
});

test("so is one that leaves a mail without an answer, of which then nobody knows what came", async () => {
  const server = await startSmtpServer();
  let asked = 0;
  server.takes = () => ((asked += 1), null);
  const delivery = smtp(server.url, 1000);
  await expect(delivery.send(mail)).rejects.toThrow(/time|abort/i);
  expect(asked).toBe(1);
  delivery.close();
});

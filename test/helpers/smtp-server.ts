// An SMTP server that keeps what it is sent, and misbehaves on demand.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { type ReadMail, readMail } from "./mails";

/** A mail that was taken, and whom it was handed over for: what the headers say is for people. */
export interface TakenMail extends ReadMail {
  envelope: { from: string; to: string[] };
}

export interface SmtpServer {
  url: string;
  /** Where it listens: `host:port`. */
  host: string;
  messages: TakenMail[];
  /** Connections so far. */
  connections: number;
  /** Names and passwords that it was told, right ones and wrong ones. */
  logins: number;
  /** While true, every connection is dropped. */
  isDown: boolean;
  /** While true, it takes connections and does not greet. */
  isSilent: boolean;
  /** The reply to a message; undefined ends the connection, and null leaves it without one. */
  takes(mail: ReadMail): string | undefined | null;
  /** What is not answered 250: `MAIL FROM`, or `RCPT TO:<kim@`, with the reply. */
  replies: Map<string, string>;
  close(): Promise<void>;
}

const servers = new Set<SmtpServer>();

afterAll(async () => {
  for (const server of servers) await server.close();
});

/** A reply such as `450 greylisted`, as smtp-server has it; null for one that says yes. */
const refusalIn = (reply: string | undefined): Error | null =>
  reply === undefined || reply.startsWith("2")
    ? null
    : Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });

/**
 * Listens on a free port until the end of the test file.
 * @param login the only name and password that it lets in; without it, it asks nobody
 * @param secure TLS from the first byte, with a certificate that nobody vouches for
 */
export const startSmtpServer = async ({
  login,
  secure = false,
}: { login?: { user: string; password: string }; secure?: boolean } = {}): Promise<SmtpServer> => {
  const sockets = new Map<number | undefined, Socket>();
  const answer = (command: string): Error | null =>
    refusalIn([...server.replies].find(([beginning]) => command.startsWith(beginning))?.[1]);

  const options: SMTPServerOptions = {
    secure,
    logger: false,
    disableReverseLookup: true,
    disabledCommands: login ? ["STARTTLS"] : ["STARTTLS", "AUTH"],
    allowInsecureAuth: true,
    onConnect({ remotePort }, done) {
      server.connections += 1;
      if (server.isDown) sockets.get(remotePort)?.destroy();
      else if (!server.isSilent) done();
    },
    onAuth({ username, password }, _session, done) {
      server.logins += 1;
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(new Error("who are you"));
    },
    onMailFrom: ({ address }, _session, done) => done(answer(`MAIL FROM:<${address}>`)),
    onRcptTo: ({ address }, _session, done) => done(answer(`RCPT TO:<${address}>`)),
    onData(stream, { envelope: { mailFrom, rcptTo }, remotePort }, done) {
      const take = async () => {
        const mail = await readMail(stream);
        const verdict = server.takes(mail);
        if (verdict === null) return;
        if (verdict === undefined) return void sockets.get(remotePort)?.destroy();
        const refusal = refusalIn(verdict);
        const from = mailFrom ? mailFrom.address : "";
        if (!refusal) server.messages.push({ ...mail, envelope: { from, to: rcptTo.map(({ address }) => address) } });
        done(refusal);
      };
      take().catch(done);
    },
  };
  const smtp = new SMTPServer(options);
  smtp.on("error", () => undefined);
  smtp.server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on("close", () => sockets.delete(remotePort));
  });
  await once(smtp.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
  const server: SmtpServer = {
    url: `smtp://${host}`,
    host,
    messages: [],
    connections: 0,
    logins: 0,
    isDown: false,
    isSilent: false,
    replies: new Map(),
    takes: () => "250 taken",
    async close() {
      servers.delete(server);
      const closed = new Promise<void>(resolve => smtp.close(resolve));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
  servers.add(server);
  return server;
};

/** The addresses that mails were handed over for, in that order. */
export const recipients = ({ messages }: SmtpServer): string[] => messages.flatMap(({ envelope }) => envelope.to);

/** The subjects of a person's mails, whose address begins with the name. */
export const subjectsTo = (name: string, { messages }: SmtpServer): string[] =>
  messages.filter(({ envelope }) => envelope.to.includes(`${name}@example.org`)).map(({ subject }) => subject);

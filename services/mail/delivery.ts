// How a mail leaves the house: into a folder of .eml files, or through an SMTP server.
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";

export interface Mail {
  /** The event that caused it: what makes a repeat the same mail. */
  id: string;
  /** RFC 3339, UTC. */
  date: string;
  from: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
}

export interface Delivery {
  /** Hands the mail over. @throws MailRejected when it will never be taken; any other error is worth another try */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** The server refuses this mail for good (a 5xx reply, RFC 5321 section 4.2.1). */
export class MailRejected extends Error {
  override readonly name = "MailRejected";
}

const safe = (text: string) => text.replace(/[^A-Za-z0-9_-]/g, "-");
const messageOf = (mail: Mail) => ({ from: mail.from, to: mail.to, subject: mail.subject, text: mail.text, date: new Date(mail.date), messageId: `<${safe(mail.id)}@jangteo>` });

/** Milliseconds. */
const SMTP_TIMEOUT = 10_000;

/** One RFC 5322 file per mail; the same mail again is the same file. */
export const outbox = (folder: string): Delivery => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  return {
    async send(mail) {
      const path = join(folder, `${safe(mail.date)}-${safe(mail.id)}.eml`);
      const exists = await stat(path).then(
        () => true,
        () => false,
      );
      if (exists) return;
      const { message } = await composer.sendMail(messageOf(mail));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${path}.part`, path);
    },
    close: () => composer.close(),
  };
};

const isRejection = (error: unknown): error is { responseCode: number; message: string } =>
  typeof error === "object" && error !== null && "responseCode" in error && typeof error.responseCode === "number" && error.responseCode >= 500 && "command" in error && error.command !== "AUTH PLAIN" && error.command !== "CONN";

/** Through an SMTP server, e.g. smtps://user:password@host:465. */
export const smtp = (url: string): Delivery => {
  const transport = createTransport(url, { connectionTimeout: SMTP_TIMEOUT, greetingTimeout: SMTP_TIMEOUT, socketTimeout: SMTP_TIMEOUT } as object);
  return {
    async send(mail) {
      try {
        await transport.sendMail(messageOf(mail));
      } catch (error) {
        throw isRejection(error) ? new MailRejected(error.message, { cause: error }) : error;
      }
    },
    close: () => transport.close(),
  };
};

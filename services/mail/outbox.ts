// Delivery without a mail server: one RFC 5322 file per mail in a folder, readable by its owner only.
import { randomUUID } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTransport } from "nodemailer";
import { type Delivery, type Mail, plain, toMessage } from "./delivery";

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const writeDurably = async (path: string, content: Buffer): Promise<void> => {
  const part = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await writeFile(part, content, { mode: 0o600, flag: "wx", flush: true });
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
};

/** The name of a file is the mail's date and id: the same mail again is the same file, and a listing is in order. */
export const outbox = (folder: string): Delivery => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return {
    async send(mail: Mail) {
      const path = join(folder, `${plain(mail.date)}-${plain(mail.id)}.eml`);
      if (!(await exists(path))) {
        const { message } = await composer.sendMail(toMessage(mail));
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeDurably(path, message as Buffer);
      }
      return { status: "sent" };
    },
    close: () => composer.close(),
  };
};

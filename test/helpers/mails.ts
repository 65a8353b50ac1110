// A mail as its reader sees it: what mailparser makes of the message that was sent.
import type { Readable } from "node:stream";
import { type AddressObject, simpleParser } from "mailparser";

type Field = AddressObject | AddressObject[] | undefined;

const addressesIn = (field: Field): string[] =>
  [field ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .map(({ name, address = "" }) => (name === "" ? address : `${name} <${address}>`));

export interface ReadMail {
  /** `Kim <kim@example.org>`, or the address alone where no name is given; so with all recipients. */
  from: string[];
  to: string[];
  /** Cc and Bcc. */
  copies: string[];
  subject: string;
  date: Date | undefined;
  messageId: string;
  text: string;
}

/** @param message as of RFC 5322: headers, an empty line, the body */
export const readMail = async (message: string | Buffer | Readable): Promise<ReadMail> => {
  const mail = await simpleParser(message);
  return {
    from: addressesIn(mail.from),
    to: addressesIn(mail.to),
    copies: [mail.cc, mail.bcc].flatMap(addressesIn),
    subject: mail.subject ?? "",
    date: mail.date,
    messageId: mail.messageId ?? "",
    text: mail.text ?? "",
  };
};

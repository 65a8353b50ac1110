// The port through which a mail leaves the house, and what a mail is on its way out.
import type { SendMailOptions } from "nodemailer";

export interface Mail {
  /** The event that caused it: what makes a repeat the same mail. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly date: string;
  readonly from: string;
  /** Without a name where none may be repeated. */
  readonly to: { readonly name: string | undefined; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

/** `rejected`: refused for good. `deferred`: this mail, not all mail, is not taken right now. */
export type Outcome =
  { readonly status: "sent" } | { readonly status: "rejected" | "deferred"; readonly reason: string };

export interface Delivery {
  /**
   * Hands the mail over. Rejects when it could not be tried, or when nobody knows what came of it: then it is worth
   * another try.
   */
  send(mail: Mail): Promise<Outcome>;
  close(): void;
}

/** Without what a file name or a Message-ID gives a meaning of its own. */
export const plain = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, "-");

/** The same mail is the same message, Date and Message-ID included: whoever gets it twice can tell. */
export const toMessage = ({ id, date, from, to, subject, text }: Mail) => {
  const [, domain = "localhost"] = /@([^\s<>@]+)>?$/.exec(from) ?? [];
  return {
    from,
    to: { name: to.name ?? "", address: to.address },
    subject,
    text,
    date: new Date(date),
    messageId: `<${plain(id)}@${domain}>`,
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SendMailOptions;
};

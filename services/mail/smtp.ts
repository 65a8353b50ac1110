// Delivery through an SMTP server, within a time limit.
import { createTransport } from "nodemailer";
import { type Delivery, type Outcome, toMessage } from "./delivery";

/** For one mail, from the connection to the server's yes. */
export const SEND_TIMEOUT_MS = 10_000;

/**
 * What an error says about this one mail; undefined when it says something about the server or our settings, which
 * would be the same for every mail: no connection, no login, a refused sender. Reply codes: RFC 5321, section 4.2.1.
 */
const verdictOf = (error: unknown): Outcome | undefined => {
  if (!(
    error instanceof Error &&
    "responseCode" in error &&
    typeof error.responseCode === "number" &&
    "command" in error
  ))
    return undefined;
  const { responseCode, command, message: reason } = error;
  // 421 and 503 speak of the session, not of the mail.
  if ((command !== "RCPT TO" && command !== "DATA") || responseCode === 421 || responseCode === 503) return undefined;
  return { status: responseCode >= 500 ? "rejected" : "deferred", reason };
};

/**
 * @param url such as smtps://user:password@host:465; plain smtp:// upgrades to TLS where the server offers it
 * @param timeoutMs after which a mail could not be tried, or nobody knows what came of it
 */
export const smtp = (url: string, timeoutMs = SEND_TIMEOUT_MS): Delivery => {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail({ ...toMessage(mail), signal: AbortSignal.timeout(timeoutMs) });
        return { status: "sent" };
      } catch (error) {
        const verdict = verdictOf(error);
        if (verdict) return verdict;
        throw error;
      }
    },
    close: () => transport.close(),
  };
};

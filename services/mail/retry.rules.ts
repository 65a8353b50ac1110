// When a mail that did not leave is tried again, and when no more. Pure.

interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The server is up and would not take this mail now: greylisting, a full mailbox. Such things last minutes to hours.
 */
const FOR_RECIPIENT: Pauses = { firstMs: 60_000, longestMs: 30 * 60_000 };
/**
 * It could not be tried: no server, no login, a neighbour service away. The next mail will find out, and so will this
 * one soon.
 */
const FOR_FAULT: Pauses = { firstMs: 1000, longestMs: 60_000 };
/** News of an order that are older mislead more than they help, and the order itself can be read in the shop. */
const GIVEN_UP_AFTER_MS = 24 * 60 * 60_000;

const pauseAfterMs = ({ firstMs, longestMs }: Pauses, failures: number): number =>
  Math.min(firstMs * 2 ** (failures - 1), longestMs);

/** How far a mail's tries have come. */
export interface Tries {
  /** Faults since it could last be tried. */
  readonly faults: number;
  /** How often its recipient was put off. */
  readonly deferrals: number;
  /** RFC 3339, UTC: when its recipient was first put off; null before that. */
  readonly deferredSince: string | null;
  /** RFC 3339, UTC: not before then. */
  readonly next: string;
}

const later = (now: Date, pauseMs: number) => new Date(now.getTime() + pauseMs).toISOString();

export const afterFault = ({ faults, deferrals, deferredSince }: Tries, now: Date): Tries => ({
  faults: faults + 1,
  deferrals,
  deferredSince,
  next: later(now, pauseAfterMs(FOR_FAULT, faults + 1)),
});

/**
 * Null when the recipient has been put off for a day: then the mail is given up. A server that is down costs no mail.
 */
export const afterDeferral = ({ deferrals, deferredSince }: Tries, now: Date): Tries | null => {
  const since = deferredSince ?? now.toISOString();
  if (now.getTime() - Date.parse(since) >= GIVEN_UP_AFTER_MS) return null;
  const next = later(now, pauseAfterMs(FOR_RECIPIENT, deferrals + 1));
  return { faults: 0, deferrals: deferrals + 1, deferredSince: since, next };
};

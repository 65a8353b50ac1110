// When a mail that did not leave is tried again, and when no more. Pure; all times in milliseconds.

interface Pauses {
  readonly first: number;
  readonly longest: number;
}

/**
 * The server is up and would not take this mail now: greylisting, a full mailbox. Such things last minutes to hours.
 */
const FOR_RECIPIENT: Pauses = { first: 60_000, longest: 30 * 60_000 };
/**
 * It could not be tried: no server, no login, a neighbour service away. The next mail will find out, and so will this
 * one soon.
 */
const FOR_FAULT: Pauses = { first: 1000, longest: 60_000 };
/** News of an order that are older mislead more than they help, and the order itself can be read in the shop. */
const PATIENCE = 24 * 60 * 60_000;

const pauseAfter = ({ first, longest }: Pauses, failures: number): number =>
  Math.min(first * 2 ** (failures - 1), longest);

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

const later = (now: Date, pause: number) => new Date(now.getTime() + pause).toISOString();

export const afterFault = ({ faults, deferrals, deferredSince }: Tries, now: Date): Tries => ({
  faults: faults + 1,
  deferrals,
  deferredSince,
  next: later(now, pauseAfter(FOR_FAULT, faults + 1)),
});

/**
 * Null when the recipient has been put off for a day: then the mail is given up. A server that is down costs no mail.
 */
export const afterDeferral = ({ deferrals, deferredSince }: Tries, now: Date): Tries | null => {
  const since = deferredSince ?? now.toISOString();
  if (now.getTime() - Date.parse(since) >= PATIENCE) return null;
  const next = later(now, pauseAfter(FOR_RECIPIENT, deferrals + 1));
  return { faults: 0, deferrals: deferrals + 1, deferredSince: since, next };
};

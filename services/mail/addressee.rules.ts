// What the shop may repeat of what a customer says about himself, and how often it writes to an address nobody has
// proven. Pure.

/** Characters of a name: longer ones are rare, and room for a sentence. */
const LONGEST_NAME = 30;
const MOST_WORDS = 4;
/** Letters in any script, joined as names are (O'Neill, García-López), or cut short (J. R., Dr.). */
const WORD = /^\p{L}\p{M}*(?:['’-]?\p{L}\p{M}*)*\.?$/u;
/** A dot ends a word of at most this many letters. */
const LONGEST_ABBREVIATION = 3;
/** Letters that nobody sees, such as the Hangul filler. */
const DISGUISED = /\p{Default_Ignorable_Code_Point}/u;
const LINK = /^(?:www|https?|ftp|mailto)/i;

const isWord = (word: string): boolean =>
  WORD.test(word) && !LINK.test(word) && (!word.endsWith(".") || word.length <= LONGEST_ABBREVIATION + 1);

/**
 * The name by which a letter greets, or undefined: then it greets nobody by name. Whoever opens an account chooses the
 * name and the address, which may be a stranger's: so only what cannot be a link, an address, markup or a sentence is
 * repeated.
 */
export const greetingName = (name: string): string | undefined => {
  const words = name.normalize("NFC").split(/\s+/u).filter(Boolean);
  const greeting = words.join(" ");
  const isShort = words.length > 0 && words.length <= MOST_WORDS && greeting.length <= LONGEST_NAME;
  const isName = isShort && !DISGUISED.test(greeting) && greeting === greeting.normalize("NFKC") && words.every(isWord);
  return isName ? greeting : undefined;
};

/** Providers that read one mailbox with and without dots. */
const DOTLESS = new Set(["gmail.com", "googlemail.com"]);

/**
 * One text for all spellings of a mailbox: without case and, where nobody is known to tell them apart, tags and dots.
 */
export const mailboxOf = (email: string): string => {
  const at = email.lastIndexOf("@");
  const domain = email.slice(at + 1).toLowerCase();
  const [untagged = ""] = email.slice(0, at).toLowerCase().split("+");
  return DOTLESS.has(domain) ? `${untagged.replaceAll(".", "")}@gmail.com` : `${untagged}@${domain}`;
};

/**
 * One plain mailbox: nothing that a mail server, or a list of recipients, reads in another way. RFC 5321, section
 * 4.1.2.
 */
export const isOneAddress = (email: string): boolean =>
  /^[^\s\p{C}@,;:<>()[\]\\"]+@[^\s\p{C}@,;:<>()[\]\\"]+$/u.test(email);

/**
 * Mails in 24 hours to an address that was not verified. A customer's first order is three at most; whoever orders more
 * on a day sees them in the shop; and a stranger whose address was given is not flooded.
 */
export const UNVERIFIED_MAILS = 5;
export const UNVERIFIED_WINDOW_MS = 24 * 60 * 60_000;

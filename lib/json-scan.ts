// Reads over the bytes of a JSON text (RFC 8259) without making anything of it: is it one, and where is a member of it?

/** Where something stands in bytes: from `start` to before `end`. */
export interface Range {
  start: number;
  end: number;
}

/** Objects and arrays in each other, beyond which nobody looks. */
const DEEPEST = 64;
/** Not JSON, or nested too deep. */
const NONE = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const HEX: ReadonlySet<number> = new Set(Buffer.from("0123456789abcdefABCDEF"));
const WORDS = ["true", "false", "null"].map(word => Buffer.from(word));

/** What follows the last byte: a control character, which is allowed nowhere. */
const AFTER_LAST = 0;
const at = (bytes: Buffer, index: number): number => (index < bytes.length ? (bytes[index] as number) : AFTER_LAST);

const pastBlanks = (bytes: Buffer, start: number): number => {
  let index = start;
  for (;;) {
    const byte = at(bytes, index);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index;
    index += 1;
  }
};

/** @param start the byte after the quote that opens it */
const stringEnd = (bytes: Buffer, start: number): number => {
  let index = start;
  for (;;) {
    const byte = at(bytes, index);
    if (byte === QUOTE) return index + 1;
    if (byte < 0x20) return NONE;
    if (byte !== BACKSLASH) index += 1;
    else if (ESCAPED.has(at(bytes, index + 1))) index += 2;
    else if (at(bytes, index + 1) === LOWER_U && [2, 3, 4, 5].every(next => HEX.has(at(bytes, index + next))))
      index += 6;
    else return NONE;
  }
};

const isDigit = (byte: number) => byte >= ZERO && byte <= NINE;

const digitsEnd = (bytes: Buffer, start: number): number => {
  let index = start;
  while (isDigit(at(bytes, index))) index += 1;
  return index === start ? NONE : index;
};

const numberEnd = (bytes: Buffer, start: number): number => {
  let index = at(bytes, start) === MINUS ? start + 1 : start;
  index = at(bytes, index) === ZERO ? index + 1 : digitsEnd(bytes, index);
  if (index !== NONE && at(bytes, index) === POINT) index = digitsEnd(bytes, index + 1);
  if (index === NONE || (at(bytes, index) | 0x20) !== LOWER_E) return index;
  const sign = at(bytes, index + 1);
  return digitsEnd(bytes, index + (sign === PLUS || sign === MINUS ? 2 : 1));
};

const wordEnd = (bytes: Buffer, start: number): number => {
  for (const word of WORDS)
    if (word.every((byte, index) => at(bytes, start + index) === byte)) return start + word.length;
  return NONE;
};

/** @param start where it begins, blanks excluded @param depth how many more may be in each other */
const valueEnd = (bytes: Buffer, start: number, depth: number): number => {
  const first = at(bytes, start);
  if (first === QUOTE) return stringEnd(bytes, start + 1);
  if (first === OPEN_BRACE) return depth === 0 ? NONE : objectEnd(bytes, start + 1, depth - 1);
  if (first === OPEN_BRACKET) return depth === 0 ? NONE : arrayEnd(bytes, start + 1, depth - 1);
  return first === MINUS || isDigit(first) ? numberEnd(bytes, start) : wordEnd(bytes, start);
};

const arrayEnd = (bytes: Buffer, start: number, depth: number): number => {
  let index = pastBlanks(bytes, start);
  if (at(bytes, index) === CLOSE_BRACKET) return index + 1;
  for (;;) {
    index = valueEnd(bytes, index, depth);
    if (index === NONE) return NONE;
    index = pastBlanks(bytes, index);
    const next = at(bytes, index);
    if (next === CLOSE_BRACKET) return index + 1;
    if (next !== COMMA) return NONE;
    index = pastBlanks(bytes, index + 1);
  }
};

/** Told of a member: where its key stands, without quotes, and where its value. */
type See = (keyStart: number, keyEnd: number, start: number, end: number) => void;

/** @param start the byte after the brace that opens it */
const objectEnd = (bytes: Buffer, start: number, depth: number, see?: See): number => {
  let index = pastBlanks(bytes, start);
  if (at(bytes, index) === CLOSE_BRACE) return index + 1;
  for (;;) {
    if (at(bytes, index) !== QUOTE) return NONE;
    const keyEnd = stringEnd(bytes, index + 1);
    if (keyEnd === NONE) return NONE;
    const colon = pastBlanks(bytes, keyEnd);
    if (at(bytes, colon) !== COLON) return NONE;
    const value = pastBlanks(bytes, colon + 1);
    const end = valueEnd(bytes, value, depth);
    if (end === NONE) return NONE;
    see?.(index + 1, keyEnd - 1, value, end);
    index = pastBlanks(bytes, end);
    const next = at(bytes, index);
    if (next === CLOSE_BRACE) return index + 1;
    if (next !== COMMA) return NONE;
    index = pastBlanks(bytes, index + 1);
  }
};

/**
 * Where the value of a member stands. The bytes are read to their end: what is found was found in one whole JSON
 * object. Undefined when there is no such member, and whenever it is in doubt which one a parser would take, or whether
 * the bytes are JSON at all: a name that comes twice, a key written with escapes, a depth of more than 64.
 * Bytes that are no UTF-8 are not noticed in texts: see `isUtf8` of node:buffer.
 * @param name of ASCII letters
 */
export const memberIn = (bytes: Buffer, name: string): Range | undefined => {
  const start = pastBlanks(bytes, 0);
  if (at(bytes, start) !== OPEN_BRACE) return undefined;
  let found: Range | undefined;
  let isInDoubt = false;
  const end = objectEnd(bytes, start + 1, DEEPEST, (keyStart, keyEnd, from, to) => {
    for (let index = keyStart; index < keyEnd; index += 1) if (bytes[index] === BACKSLASH) isInDoubt = true;
    if (keyEnd - keyStart !== name.length || bytes.toString("latin1", keyStart, keyEnd) !== name) return;
    if (found) isInDoubt = true;
    found = { start: from, end: to };
  });
  const isWhole = end !== NONE && pastBlanks(bytes, end) === bytes.length;
  return isWhole && !isInDoubt ? found : undefined;
};

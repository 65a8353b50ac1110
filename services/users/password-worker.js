// Runs in a worker thread: bcrypt takes some 70 ms of a core, which no event loop should wait for.

// @ts-check
const { createHash } = require("node:crypto");
const { compareSync, hashSync } = require("bcryptjs");

/** 2^10 rounds: slow for who guesses, bearable for who signs in. */
const COST = 10;
/** A hash of that cost which no password has: bcrypt never yields zeros only. */
const NOBODY = `$2b$${COST}$${".".repeat(53)}`;

/**
 * bcrypt reads 72 bytes and ignores the rest: a digest makes every character count, in whichever form it was typed.
 * @param {string} password
 */
const digest = password => createHash("sha256").update(password.normalize("NFKC")).digest("base64");

/**
 * Hashes the password, or compares it with a hash; `null` stands for the hash of an account that does not exist.
 * @param {{ password: string, hash?: string | null }} task
 * @returns {string | boolean}
 */
module.exports = ({ password, hash }) => {
  if (hash === undefined) return hashSync(digest(password), COST);
  const matches = compareSync(digest(password), hash ?? NOBODY);
  return matches && hash !== null;
};

// @ts-check
// Runs in a worker thread: bcrypt takes some 70 ms of a core, which no event loop should wait for.
const { createHash } = require("node:crypto");
const { compareSync, hashSync } = require("bcryptjs");

/** 2^10 rounds: 72 ms a hash on the machine where it was chosen. */
const COST = 10;

/**
 * bcrypt reads 72 bytes and ignores the rest: a digest makes every character count, in whichever form it was typed.
 * @param {string} password
 */
const digest = password => createHash("sha256").update(password.normalize("NFKC")).digest("base64");

/** @param {{ password: string, hash?: string }} task hashes the password, or compares it with a hash */
module.exports = ({ password, hash }) => (hash === undefined ? hashSync(digest(password), COST) : compareSync(digest(password), hash));

// PasswordHasher: every character counts, an unknown account costs as much as a known one, and a flood is refused
// instead
// of queued.
import { compareSync, getRounds, hashSync } from "bcryptjs";
import passwordTask from "../../services/users/password-worker.js";
import { PasswordHasher } from "../../services/users/password-hasher";

/** Counted in this thread only; the worker threads load the real one. */
jest.mock("bcryptjs", () => {
  const bcrypt = jest.requireActual<typeof import("bcryptjs")>("bcryptjs");
  return { ...bcrypt, compareSync: jest.fn(bcrypt.compareSync), hashSync: jest.fn(bcrypt.hashSync) };
});

/** 72 bytes, as many as bcrypt reads. */
const LONG = "correct horse battery staple ".repeat(3).slice(0, 72);

const hasher = new PasswordHasher(2);
afterAll(() => hasher.close());

test("the right password matches, another does not", async () => {
  const hash = await hasher.hash("correct horse");
  expect(await hasher.matches("correct horse", hash)).toBe(true);
  expect(await hasher.matches("correct hors", hash)).toBe(false);
  expect(await hasher.matches("Correct horse", hash)).toBe(false);
});

test("a hash is bcrypt at cost 10, salted, and holds nothing of the password", async () => {
  const [first, second] = await Promise.all([hasher.hash("correct horse"), hasher.hash("correct horse")]);
  expect(first).toMatch(/^\$2[aby]\$10\$.{53}$/);
  expect(first).not.toBe(second);
  expect(first).not.toContain("horse");
});

test("characters after the 72nd byte count, though bcrypt itself ignores them", async () => {
  const hash = await hasher.hash(`${LONG}first`);
  expect(await hasher.matches(`${LONG}other`, hash)).toBe(false);
  expect(await hasher.matches(`${LONG}first`, hash)).toBe(true);
});

test("a password typed in another Unicode form is the same password", async () => {
  const hash = await hasher.hash("비밀번호 café".normalize("NFC"));
  expect(await hasher.matches("비밀번호 café".normalize("NFD"), hash)).toBe(true);
});

test("without a hash the answer is no", async () => {
  expect(await hasher.matches("correct horse", undefined)).toBe(false);
});

test("an account that does not exist costs one comparison of the same cost as one that does, and nothing else", () => {
  const known = String(passwordTask({ password: "correct horse" }));
  jest.mocked(hashSync).mockClear();
  expect(passwordTask({ password: "wrong horse", hash: known })).toBe(false);
  expect(passwordTask({ password: "wrong horse", hash: null })).toBe(false);
  const hashes = jest.mocked(compareSync).mock.calls.map(([, hash]) => hash);
  expect(hashes.map(hash => [hash.length, getRounds(hash)])).toEqual([
    [60, 10],
    [60, 10],
  ]);
  expect(hashSync).not.toHaveBeenCalled();
});

test("a flood: what can't be worked off in time is refused, and afterwards all works again", async () => {
  const flooded = new PasswordHasher(1);
  try {
    const flood = Array.from({ length: 60 }, () => flooded.hash("correct horse"));
    const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }) as Error;
    await expect(flooded.matches("correct horse", "$2b$10$".padEnd(60, "."))).rejects.toEqual(unavailable);
    const results = await Promise.allSettled(flood);
    expect(results.filter(result => result.status === "fulfilled").length).toBeGreaterThan(20);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toEqual(unavailable);
    expect(await flooded.matches("correct horse", await flooded.hash("correct horse"))).toBe(true);
  } finally {
    await flooded.close();
  }
});

test("hashing leaves the event loop free", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await Promise.all([hasher.hash("correct horse"), hasher.hash("battery staple")]);
  clearInterval(timer);
  // On the event loop's own thread the two would leave it at most one turn between them.
  expect(turns).toBeGreaterThan(5);
});

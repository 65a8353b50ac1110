// Tokens that ended before their time are refused, and forgotten when they would have ended anyway.
import type { Verified } from "../../lib/access";
import { Revocations, TOKEN_LIFE } from "../../services/api/revocations";

const START = Date.parse("2024-05-01T10:00:00.000Z");
let now = START;
const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();
const token = (issued: number, session = "ses_1", id = "usr_1"): Verified => ({ id, role: "customer", session, issuedAt: (START + issued) / 1000, expiresAt: (START + issued + TOKEN_LIFE) / 1000 });
const event = <T extends string, D>(type: T, data: D, milliseconds: number) => ({ id: "e", type, aggregateId: "usr_1", version: 1, data, timestamp: at(milliseconds) });

let revocations: Revocations;
beforeEach(() => {
  now = START;
  revocations = new Revocations(() => new Date(now));
});
const refused = (verified: Verified) => {
  try {
    revocations.check(verified);
    return false;
  } catch {
    return true;
  }
};

test("signing out ends one session and no other", async () => {
  await revocations.apply(event("SessionsEnded", { session: "ses_1" }, 0));
  expect([refused(token(-1000)), refused(token(-1000, "ses_2"))]).toEqual([true, false]);
});

test.each([event("SessionsEnded", {}, 500), event("PasswordChanged", {}, 500), event("UserDisabled", {}, 500), event("RoleChanged", { role: "customer" as const }, 500)])("$type ends what was issued before it, not what is issued after it in the same second", async ended => {
  await revocations.apply(ended);
  expect([refused(token(499, "ses_1")), refused(token(501, "ses_9")), refused(token(0, "ses_1", "usr_2"))]).toEqual([true, false, false]);
});

test("other events end nothing", async () => {
  await revocations.apply(event("ProfileChanged", { name: "Lee" }, 0));
  expect(refused(token(-1000))).toBe(false);
});

test("an entry is kept as long as a token lives, and then forgotten", async () => {
  await revocations.apply(event("SessionsEnded", { session: "ses_1" }, 0));
  now = START + TOKEN_LIFE;
  await revocations.apply(event("SessionsEnded", { session: "ses_2" }, TOKEN_LIFE));
  expect(revocations.size).toBe(2);
  now = START + TOKEN_LIFE + 1;
  await revocations.apply(event("SessionsEnded", {}, TOKEN_LIFE + 1));
  expect(revocations.size).toBe(2);
  expect(refused(token(-1000, "ses_1", "usr_9"))).toBe(false);
});

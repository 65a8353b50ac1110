// Which tokens ended: forgotten when no such token lives, known before anybody is believed, also after the log was
// exchanged.
import { randomUUID } from "node:crypto";
import { ACCESS_TOKEN_LIFE_S, CLOCK_SKEW_S } from "../../lib/access/claims";
import type { Actor } from "../../lib/contract";
import { changed, ended, followEndings } from "../helpers/endings";

const LIFE_MS = (ACCESS_TOKEN_LIFE_S + CLOCK_SKEW_S) * 1000;
const A_SECOND = 1000;
const A_WHILE = 60_000;

const kim: Actor = { id: "usr_kim", role: "customer", session: "ses_1", version: 3 };
const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }) as Error;

describe("an ending", () => {
  const VERSIONS_AND_SESSIONS =
    "of all sessions ends the tokens of lower versions, of one session that session's, and nobody else's";
  test(VERSIONS_AND_SESSIONS, async () => {
    const { append, isBelieved } = followEndings();
    append(ended(kim.id, 5), changed(kim.id, 6), ended("usr_lee", 9, "ses_lee"));
    const lee: Actor = { ...kim, id: "usr_lee", session: "ses_lee", version: 12 };
    expect([await isBelieved({ ...kim, version: 4 }), await isBelieved({ ...kim, version: 5 })]).toEqual([false, true]);
    expect([await isBelieved(lee), await isBelieved({ ...lee, session: "ses_2", version: 2 })]).toEqual([false, true]);
    expect(await isBelieved({ ...kim, id: "usr_park" })).toBe(true);
  });

  test("is not taken back by an older one that is told again", async () => {
    const { append, isBelieved } = followEndings();
    append(ended(kim.id, 9));
    append(ended(kim.id, 5));
    expect(await isBelieved({ ...kim, version: 6 })).toBe(false);
  });
});

describe("what is held", () => {
  test("is remembered for as long as a token that it ended may live, and no longer", async () => {
    const { endings, append, isBelieved, sleep } = followEndings();
    for (let version = 5; version < 1005; version += 1)
      append(ended(`usr_${version}`, version), ended(kim.id, version, `ses_${version}`));
    expect(await isBelieved({ ...kim, id: "usr_5" })).toBe(false);
    expect(endings.size).toBe(2000);
    sleep(LIFE_MS - A_SECOND);
    append(ended("usr_late", 2));
    expect(await isBelieved({ ...kim, id: "usr_5" })).toBe(false);
    sleep(2 * A_SECOND);
    append(ended("usr_later", 2));
    await endings.look();
    expect(endings.size).toBe(2);
  });

  test("is one entry an account, however often its sessions end, and its time begins anew", async () => {
    const { endings, append, isBelieved, sleep } = followEndings();
    append(ended(kim.id, 5), ended(kim.id, 6, "ses_1"), ended("usr_other", 2), ended("usr_other", 3, "ses_2"));
    await endings.look();
    for (let version = 7; version < 500; version += 1) append(ended(kim.id, version), ended(kim.id, version, "ses_1"));
    sleep(A_WHILE);
    await endings.look();
    expect(endings.size).toBe(4);
    sleep(LIFE_MS - A_SECOND);
    append(ended("usr_late", 2));
    expect(await isBelieved(kim)).toBe(false);
    expect(await isBelieved({ ...kim, session: "ses_3" })).toBe(false);
    // The others are forgotten, and do not wait for those who were told of first.
    expect(endings.size).toBe(3);
  });
});

describe("what was seen", () => {
  test("counts for less than a second: then another look comes first, whether a nudge came or not", async () => {
    const { append, isBelieved, asked, sleep } = followEndings();
    expect(await isBelieved(kim)).toBe(true);
    const looks = asked.length;
    append(ended(kim.id, 4));
    sleep(A_SECOND - 1);
    expect([await isBelieved(kim), asked.length]).toEqual([true, looks]);
    sleep(1);
    expect([await isBelieved(kim), asked.length > looks]).toEqual([false, true]);
  });

  test("is as old as the question, not as the answer that was long on its way", async () => {
    const { endings, append, isBelieved, faults, sleep } = followEndings();
    await endings.look();
    let answer = (): void => undefined;
    faults.held = new Promise(resolve => (answer = resolve));
    const look = endings.look();
    await new Promise(resolve => setImmediate(resolve));
    append(ended(kim.id, 4));
    sleep(A_SECOND);
    faults.held = undefined;
    answer();
    await look;
    expect(await isBelieved(kim)).toBe(false);
  });

  test("is nothing to go by while pages of it are still to come", async () => {
    const { append, isBelieved, faults } = followEndings({ page: 3 });
    for (let version = 1; version < 50; version += 1) append(ended(`usr_${version}`, version));
    append(ended(kim.id, 4));
    faults.pages = 4;
    await expect(isBelieved(kim)).rejects.toEqual(unavailable);
    faults.pages = Infinity;
    expect(await isBelieved(kim)).toBe(false);
  });

  test("counts on while nobody can be asked, and no longer than that", async () => {
    const { append, isBelieved, faults, sleep } = followEndings();
    append(ended("usr_lee", 5));
    expect(await isBelieved(kim)).toBe(true);
    faults.cutOff = true;
    for (let second = 0; second < 600; second += 1) {
      sleep(A_SECOND);
      expect([await isBelieved(kim), await isBelieved({ ...kim, id: "usr_lee" })]).toEqual([true, false]);
    }
    append(ended(kim.id, 4));
    faults.cutOff = false;
    expect(await isBelieved(kim)).toBe(false);
  });
});

describe("a log that was exchanged", () => {
  test.each([
    ["another log", (log: { id: string }) => void (log.id = "log-2")],
    ["the same one, restored: shorter", (log: { commits: unknown[] }) => void log.commits.splice(1)],
    [
      "the same one, restored and gone on",
      (log: { commits: { id: string }[] }) => {
        for (const commit of log.commits.slice(1)) commit.id = randomUUID();
      },
    ],
  ])("is read anew, and until then nobody is believed: %s", async (_what, exchange) => {
    const { endings, log, append, isBelieved, faults, failures, sleep } = followEndings();
    append(ended("usr_lee", 5));
    append(ended(kim.id, 4));
    append(changed(kim.id, 5));
    expect(await isBelieved(kim)).toBe(false);
    exchange(log);
    log.commits.splice(1, 1, { position: 2, id: log.commits[1]?.id ?? randomUUID(), events: [ended("usr_park", 7)] });
    sleep(A_SECOND);
    await endings.look();
    expect(failures).toEqual([expect.stringContaining("exchanged")]);
    faults.cutOff = true;
    await expect(isBelieved(kim)).rejects.toEqual(unavailable);
    faults.cutOff = false;
    // What the log does not know has not happened; what it does know has.
    expect([
      await isBelieved(kim),
      await isBelieved({ ...kim, id: "usr_park" }),
      await isBelieved({ ...kim, id: "usr_lee" }),
    ]).toEqual([true, false, false]);
  });
});

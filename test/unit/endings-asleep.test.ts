// A process that has just started, or slept, knows what ended meanwhile before it believes anybody.
import type { Actor } from "../../lib/contract";
import { ended, followEndings } from "../helpers/endings";

const A_WHILE = 60_000;
const kim: Actor = { id: "usr_kim", role: "customer", session: "ses_1", version: 3 };
const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }) as Error;

describe("a process that was asleep", () => {
  test("catches up before it believes a token that ended meanwhile", async () => {
    const { append, isBelieved, sleep } = followEndings();
    expect(await isBelieved(kim)).toBe(true);
    append(ended(kim.id, 4));
    sleep(A_WHILE);
    expect(await isBelieved(kim)).toBe(false);
  });

  test.each(["a request", "its own look"])(
    "believes nobody while nobody can be asked, when %s comes first",
    async first => {
      const { endings, append, isBelieved, faults, sleep } = followEndings();
      expect(await isBelieved(kim)).toBe(true);
      append(ended(kim.id, 4));
      faults.cutOff = true;
      sleep(A_WHILE);
      if (first === "its own look") await endings.look();
      for (let count = 0; count < 3; count += 1) await expect(isBelieved(kim)).rejects.toEqual(unavailable);
      faults.cutOff = false;
      expect([await isBelieved(kim), await isBelieved({ ...kim, version: 4 })]).toEqual([false, true]);
    },
  );

  test("does not take an answer of before it fell asleep for news", async () => {
    const { endings, append, isBelieved, faults, sleep } = followEndings();
    expect(await isBelieved(kim)).toBe(true);
    let answer = (): void => undefined;
    faults.held = new Promise(resolve => (answer = resolve));
    const look = endings.look();
    await new Promise(resolve => setImmediate(resolve));
    append(ended(kim.id, 4));
    sleep(A_WHILE);
    faults.held = undefined;
    answer();
    await look;
    faults.cutOff = true;
    await expect(isBelieved(kim)).rejects.toEqual(unavailable);
  });
});

describe("a process that has just started", () => {
  test("believes nobody until it knows what ended before", async () => {
    const { append, isBelieved, faults } = followEndings();
    append(ended(kim.id, 4));
    faults.cutOff = true;
    await expect(isBelieved(kim)).rejects.toEqual(unavailable);
    faults.cutOff = false;
    expect(await isBelieved(kim)).toBe(false);
  });
});

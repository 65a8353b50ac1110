// The mail service on a real broker and store, writing into its outbox folder.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointDocument } from "../../lib/events/checkpoint";
import { mail as contract } from "../../contracts/mail";
import { eventually } from "../helpers/eventually";
import { confirmed, shipped, startMail, Town } from "../helpers/mailroom";
import { readMail } from "../helpers/mails";
import { closeStore, temporaryStore } from "../helpers/store";

const byText = (a: string, b: string) => a.localeCompare(b);

const townOf = (...people: { id: string; name: string; locale: "en" | "ko" }[]): Town => {
  const town = new Town();
  for (const { id, name, locale } of people)
    town.contacts.set(id, { email: `${id}@example.org`, name, locale, emailVerified: true });
  return town;
};
const kim = { id: "kim", name: "Kim Min-su", locale: "en" as const };
const lee = { id: "lee", name: "이영희", locale: "ko" as const };

const filesIn = (dataDir: string): string[] => {
  try {
    return readdirSync(join(dataDir, "outbox"))
      .filter(file => file.endsWith(".eml"))
      .sort();
  } catch {
    return [];
  }
};
const atLeast = (count: number, dataDir: string) =>
  eventually("the mails are written", () => filesIn(dataDir).length >= count && filesIn(dataDir));
const read = (dataDir: string, file: string) => readMail(readFileSync(join(dataDir, "outbox", file)));
const readAll = (dataDir: string, files: readonly string[]) => Promise.all(files.map(file => read(dataDir, file)));

/** As if the process had died after the mail had left, and before it noted how far it had come. */
const forgetProgress = async (dataDir: string) => {
  const store = await temporaryStore(join(dataDir, "mail"));
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  expect(await checkpoints.update({ _id: "orders" }, { $set: { position: 0 } })).not.toBeNull();
  await closeStore(store);
};

test("a confirmed order is a mail to its owner, with the total, in English", async () => {
  const town = townOf(kim);
  town.happens(confirmed, "ord_1", "kim");
  const { dataDir } = await startMail(town, { MAIL_FROM: "Jangteo <shop@example.com>" });
  const [file = ""] = await atLeast(1, dataDir);
  expect(file).toBe("2026-01-02T03-04-05-678Z-ord_1-1.eml");
  expect(await read(dataDir, file)).toEqual({
    from: ["Jangteo <shop@example.com>"],
    to: ["Kim Min-su <kim@example.org>"],
    copies: [],
    subject: "Your order ord_1 is confirmed",
    date: new Date("2026-01-02T03:04:05Z"),
    messageId: "<ord_1-1@example.com>",
    text: expect.stringContaining("Total: $10.00"),
  });
});

test("and in Korean", async () => {
  const town = townOf(lee);
  town.happens(confirmed, "ord_1", "lee");
  const { dataDir } = await startMail(town);
  const [file = ""] = await atLeast(1, dataDir);
  expect(await read(dataDir, file)).toMatchObject({
    to: ["이영희 <lee@example.org>"],
    subject: "주문이 확정되었습니다 (ord_1)",
    text: expect.stringContaining("합계: US$10.00"),
  });
});

test("a mail for each event that concerns the customer, and for no other", async () => {
  const town = townOf(kim);
  town.happens({ type: "StockReserved", data: {} }, "ord_1", "kim");
  town.happens(confirmed, "ord_1", "kim");
  town.happens({ type: "PaymentCaptured", data: {} }, "ord_1", "kim");
  town.happens(shipped, "ord_1", "kim");
  town.happens({ type: "OrderRefunded", data: { by: "adm" } }, "ord_1", "kim");
  town.happens({ type: "OrderCancelled", data: { by: "kim" } }, "ord_2", "kim");
  town.happens({ type: "OrderRejected", data: { code: "PAYMENT_DECLINED" } }, "ord_3", "kim");
  const { dataDir } = await startMail(town);
  const files = await atLeast(5, dataDir);
  expect((await readAll(dataDir, files)).map(({ subject }) => subject)).toEqual([
    "Your order ord_1 is confirmed",
    "Your order ord_1 is on its way",
    "Your order ord_1 is refunded",
    "Your order ord_2 is cancelled",
    "Your order ord_3 could not be placed",
  ]);
});

test("the outbox can be read by its owner only", async () => {
  const town = townOf(kim);
  town.happens(confirmed, "ord_1", "kim");
  const { dataDir } = await startMail(town);
  const [file = ""] = await atLeast(1, dataDir);
  expect(
    [statSync(join(dataDir, "outbox")), statSync(join(dataDir, "outbox", file))].map(({ mode }) =>
      (mode & 0o777).toString(8),
    ),
  ).toEqual(["700", "600"]);
});

test("an event that comes again after a crash makes no second file, and leaves the first alone", async () => {
  const town = townOf(kim);
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town);
  const [file = ""] = await atLeast(1, before.dataDir);
  await before.stop();
  const { mtimeMs } = statSync(join(before.dataDir, "outbox", file));
  await forgetProgress(before.dataDir);
  town.happens(shipped, "ord_1", "kim");
  const after = await startMail(town, { DATA_DIR: before.dataDir });
  expect(await atLeast(2, after.dataDir)).toEqual([file, file.replace("ord_1-1", "ord_1-2")]);
  expect(statSync(join(after.dataDir, "outbox", file)).mtimeMs).toBe(mtimeMs);
});

test("a user who is gone gets no mail, with a warning, and the others get theirs", async () => {
  const town = townOf(kim);
  town.happens(confirmed, "ord_1", "nobody");
  town.happens(confirmed, "ord_2", "kim");
  const { dataDir, logs } = await startMail(town);
  expect(await atLeast(1, dataDir)).toEqual([expect.stringContaining("ord_2")]);
  expect(logs.filter(line => line.startsWith("warn") && line.includes("ord_1-1"))).toHaveLength(1);
});

test("a name with line breaks, links or recipients is left out of header and text", async () => {
  const town = townOf(
    { id: "eve", name: "Eve\r\nBcc: victim@example.org\r\n\r\nBuy!", locale: "en" },
    { id: "max", name: "당첨 https://evil.example", locale: "ko" },
  );
  town.happens(confirmed, "ord_1", "eve");
  town.happens({ type: "OrderCancelled", data: { by: "max", reason: "see www.evil.example" } }, "ord_2", "max");
  const { dataDir } = await startMail(town);
  const [first, second] = await readAll(dataDir, await atLeast(2, dataDir));
  expect(first).toMatchObject({ to: ["eve@example.org"], copies: [] });
  expect(second).toMatchObject({ to: ["max@example.org"], copies: [] });
  expect([first, second].map(mail => mail?.text.split("\n")[0])).toEqual(["Dear customer,", "고객님, 안녕하세요."]);
  expect(second?.text).not.toContain("evil");
});

describe("an address that is not verified", () => {
  const start = Date.parse("2026-01-02T00:00:00Z");
  const townOfStrangers = () => {
    const town = new Town();
    for (const id of ["kim", "kim+1", "KIM+2"])
      town.contacts.set(id, { email: `${id}@example.org`, name: "Kim", locale: "en", emailVerified: false });
    town.contacts.set("lee", { email: "lee@example.org", name: "Lee", locale: "en", emailVerified: true });
    return town;
  };

  test("gets five mails in 24 hours, under all its spellings together; others are dropped, with one line", async () => {
    const town = townOfStrangers();
    let now = start;
    for (let order = 1; order <= 8; order += 1)
      town.happens(confirmed, `ord_${order}`, ["kim", "kim+1", "KIM+2"][order % 3] ?? "");
    for (let order = 11; order <= 18; order += 1) town.happens(confirmed, `ord_${order}`, "lee");
    const mail = await startMail(town, {}, () => new Date(now));
    expect((await atLeast(13, mail.dataDir)).map(file => /ord_\d+/.exec(file)?.[0] ?? "").toSorted(byText)).toEqual(
      [1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 16, 17, 18].map(order => `ord_${order}`).toSorted(byText),
    );
    const warnings = () => mail.logs.filter(line => /^warn .*is dropped/.test(line));
    await eventually("the mail is dropped", () => mail.logs.some(line => line.includes("ord_8-1 is dropped")));
    expect(warnings()).toEqual([expect.stringMatching(/ord_6-1 is dropped: its address is not verified/)]);
    expect(mail.logs.join("\n")).not.toContain("@example.org");

    now += 24 * 60 * 60_000;
    town.happens(shipped, "ord_1", "kim+1");
    await mail.tell();
    expect(await atLeast(14, mail.dataDir)).toEqual(expect.arrayContaining([expect.stringContaining("ord_1-2")]));
  });

  test("is not forgotten over a restart", async () => {
    const town = townOfStrangers();
    for (let order = 1; order <= 5; order += 1) town.happens(confirmed, `ord_${order}`, "kim");
    const before = await startMail(town);
    await atLeast(5, before.dataDir);
    await before.stop();
    town.happens(confirmed, "ord_6", "kim");
    town.happens(confirmed, "ord_7", "lee");
    const after = await startMail(town, { DATA_DIR: before.dataDir });
    expect((await atLeast(6, after.dataDir)).at(-1)).toContain("ord_7");
  });
});

test("nothing but its health can be called", () => expect(Object.keys(contract)).toEqual(["health"]));

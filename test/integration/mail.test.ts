// The mail service on a real broker and store, writing into its outbox folder.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointDocument } from "../../lib/feed";
import { mail as contract } from "../../contracts/mail";
import { eventually, parseMessage, startMail, Town } from "../helpers/mailroom";
import { closeStore, temporaryStore } from "../helpers/store";

const confirmed = { type: "OrderConfirmed" as const, data: {} };

const townOf = (...people: { id: string; name: string; locale: "en" | "ko" }[]): Town => {
  const town = new Town();
  for (const { id, name, locale } of people) town.contacts.set(id, { email: `${id}@example.org`, name, locale });
  return town;
};
const kim = { id: "kim", name: "Kim Min-su", locale: "en" as const };
const lee = { id: "lee", name: "이영희", locale: "ko" as const };

const filesIn = (dataDir: string): string[] => {
  try {
    return readdirSync(join(dataDir, "outbox")).filter(file => file.endsWith(".eml")).sort();
  } catch {
    return [];
  }
};
const atLeast = (count: number, dataDir: string) => eventually(() => filesIn(dataDir).length >= count && filesIn(dataDir));
const read = (dataDir: string, file: string) => parseMessage(readFileSync(join(dataDir, "outbox", file), "utf8"));

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
  const { headers, text } = read(dataDir, file);
  expect(file).toBe("2026-01-02T03-04-05-678Z-ord_1-1.eml");
  expect(Object.fromEntries(headers)).toMatchObject({
    from: "Jangteo <shop@example.com>",
    to: "\"Kim Min-su\" <kim@example.org>",
    subject: "Your order ord_1 is confirmed",
    date: "Fri, 02 Jan 2026 03:04:05 +0000",
    "message-id": "<ord_1-1@example.com>",
  });
  expect(text).toContain("Total: $10.00");
});

test("and in Korean", async () => {
  const town = townOf(lee);
  town.happens(confirmed, "ord_1", "lee");
  const { dataDir } = await startMail(town);
  const [file = ""] = await atLeast(1, dataDir);
  const { headers, text } = read(dataDir, file);
  expect([headers.get("to"), headers.get("subject")]).toEqual(["이영희 <lee@example.org>", "주문이 확정되었습니다 (ord_1)"]);
  expect(text).toContain("합계: US$10.00");
});

test("a mail for each event that concerns the customer, and for no other", async () => {
  const town = townOf(kim);
  town.happens({ type: "StockReserved", data: {} }, "ord_1", "kim");
  town.happens(confirmed, "ord_1", "kim");
  town.happens({ type: "PaymentCaptured", data: {} }, "ord_1", "kim");
  town.happens({ type: "OrderShipped", data: {} }, "ord_1", "kim");
  town.happens({ type: "OrderRefunded", data: { by: "adm" } }, "ord_1", "kim");
  town.happens({ type: "OrderCancelled", data: { by: "kim" } }, "ord_2", "kim");
  town.happens({ type: "OrderRejected", data: { code: "PAYMENT_DECLINED" } }, "ord_3", "kim");
  const { dataDir } = await startMail(town);
  const files = await atLeast(5, dataDir);
  expect(files.map(file => read(dataDir, file).headers.get("subject"))).toEqual([
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
  expect([statSync(join(dataDir, "outbox")), statSync(join(dataDir, "outbox", file))].map(({ mode }) => (mode & 0o777).toString(8))).toEqual(["700", "600"]);
});

test("an event that comes again after a crash makes no second file, and leaves the first alone", async () => {
  const town = townOf(kim);
  town.happens(confirmed, "ord_1", "kim");
  const before = await startMail(town);
  const [file = ""] = await atLeast(1, before.dataDir);
  await before.stop();
  const { mtimeMs } = statSync(join(before.dataDir, "outbox", file));
  await forgetProgress(before.dataDir);
  town.happens({ type: "OrderShipped", data: {} }, "ord_1", "kim");
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

test("a name with line breaks adds no header and no recipient", async () => {
  const town = townOf({ id: "eve", name: "Eve\r\nBcc: victim@example.org\r\n\r\nBuy!", locale: "en" });
  town.happens(confirmed, "ord_1", "eve");
  const { dataDir } = await startMail(town);
  const [file = ""] = await atLeast(1, dataDir);
  const { headers, text } = read(dataDir, file);
  expect(headers.has("bcc")).toBe(false);
  expect(headers.get("to")).toMatch(/^"?Eve Bcc: victim@example.org Buy!"? <eve@example.org>$/);
  expect(text.startsWith("Dear Eve Bcc: victim@example.org Buy!,")).toBe(true);
});

test("nothing but its health can be called", () => expect(Object.keys(contract)).toEqual(["health"]));

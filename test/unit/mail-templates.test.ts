// The letters to customers: right words, right amounts, in their language, and nothing smuggled in by a name.
import type { Order } from "../../contracts/orders";
import { formatMoney, type Occasion, oneLine, write } from "../../services/mail/templates.rules";

const usd = (amount: number) => ({ amount, currency: "USD" });
const order: Order = {
  id: "ord_1",
  userId: "usr_1",
  status: "confirmed",
  items: [
    { productId: "p1", sku: "P-1", name: "Mug <blue>", quantity: 2, unitPrice: usd(500), lineTotal: usd(1000) },
    { productId: "p2", sku: "P-2", name: "Pen", quantity: 1, unitPrice: usd(123_456), lineTotal: usd(123_456) },
  ],
  total: usd(124_456),
  shippingAddress: { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" },
  payment: { method: "sandbox:ok", status: "authorized", reference: "r" },
  version: 4,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};
const kim = { name: "Kim", locale: "en" as const };
const occasions: Occasion[] = [
  { type: "OrderConfirmed", data: {} },
  { type: "OrderRejected", data: { code: "PAYMENT_DECLINED" } },
  { type: "OrderCancelled", data: { by: "usr_1" } },
  { type: "OrderShipped", data: {} },
  { type: "OrderRefunded", data: { by: "usr_1" } },
];

test.each([
  ["en", usd(1999), "$19.99"],
  ["en", usd(1_234_567), "$12,345.67"],
  ["ko", usd(1999), "US$19.99"],
  ["ko", { amount: 1999, currency: "KRW" }, "₩1,999"],
  ["en", { amount: 1999, currency: "JPY" }, "¥1,999"],
  ["en", { amount: 1999, currency: "KWD" }, "KWD\u00a01.999"],
] as const)("in %s, %j is written %s", (locale, money, text) => expect(formatMoney(money, locale)).toBe(text));

test("a confirmation in English greets, and lists the lines and the total", () => {
  expect(write({ type: "OrderConfirmed", data: {} }, order, kim)).toEqual({
    subject: "Your order ord_1 is confirmed",
    text: `Dear Kim,

Thank you for your order. It is confirmed, and we will write again when it ships.

  2 × Mug <blue>  $10.00
  1 × Pen  $1,234.56
  Total: $1,244.56
`,
  });
});

test("the same in Korean", () => {
  const { subject, text } = write({ type: "OrderConfirmed", data: {} }, order, { name: "김민수", locale: "ko" });
  expect(subject).toBe("주문이 확정되었습니다 (ord_1)");
  expect(text).toContain("김민수 님, 안녕하세요.");
  expect(text).toContain("합계: US$1,244.56");
});

test.each(["en", "ko"] as const)("every occasion has a subject and a sentence of its own (%s)", locale => {
  const letters = occasions.map(occasion => write(occasion, order, { name: "Kim", locale }));
  expect(new Set(letters.map(({ subject }) => subject)).size).toBe(occasions.length);
  expect(new Set(letters.map(({ text }) => text)).size).toBe(occasions.length);
});

test("a rejection names the product that was sold out", () => {
  expect(write({ type: "OrderRejected", data: { code: "OUT_OF_STOCK", productId: "p2" } }, order, kim).text).toContain(
    "Pen is out of stock. Nothing was charged.",
  );
  expect(write({ type: "OrderRejected", data: { code: "PAYMENT_DECLINED" } }, order, kim).text).toContain(
    "Your payment was declined.",
  );
});

test("an order that expired says so", () => {
  const { text } = write({ type: "OrderRejected", data: { code: "EXPIRED" } }, order, kim);
  expect(text).toContain("could not be completed in time.");
});

test.each([
  ["en", "Dear customer,"],
  ["ko", "고객님, 안녕하세요."],
] as const)("nobody in particular is greeted (%s)", (locale, greeting) => {
  expect(write({ type: "OrderConfirmed", data: {} }, order, { name: undefined, locale }).text.split("\n")[0]).toBe(
    greeting,
  );
});

test.each(["en", "ko"] as const)("nothing that the customer wrote is in a letter (%s)", locale => {
  const words = ["MyName", "MyLine1", "MyLine2", "MyCity", "MyRegion", "MyPostcode", "https://evil.example/reason"];
  const [name = "", line1 = "", line2 = "", city = "", region = "", postalCode = "", reason = ""] = words;
  const theirs = { ...order, shippingAddress: { name, line1, line2, city, region, postalCode, country: "KR" } };
  const events: Occasion[] = [
    { type: "OrderCancelled", data: { by: "usr_1", reason } },
    { type: "OrderRefunded", data: { by: "usr_1", reason } },
    ...occasions,
  ];
  for (const event of events) {
    const { subject, text } = write(event, theirs, { name: undefined, locale });
    expect(words.filter(word => `${subject}\n${text}`.includes(word))).toEqual([]);
  }
});

test("the shop's own texts stay on their line", () => {
  expect(oneLine(" Eve\r\nBcc: x@example.org\u0000\u2028!\t ")).toBe("Eve Bcc: x@example.org !");
  const evil = { ...order, items: order.items.map(item => ({ ...item, name: "Mug\n  Total: $0.00" })) };
  const { text } = write({ type: "OrderConfirmed", data: {} }, evil, kim);
  expect(text.split("\n").filter(line => line.trimStart().startsWith("Total"))).toEqual(["  Total: $1,244.56"]);
});

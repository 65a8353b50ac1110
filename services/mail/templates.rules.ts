// What the shop writes to its customers, in their language. Pure.
import type { Locale, Money } from "../../contracts/common";
import type { Failure, Order, orderEvents } from "../../contracts/orders";
import type { EventOf } from "../../lib/contract";

/** The order events, and which of them a customer hears about. A new event asks for its decision here. */
const HEARD = {
  OrderPlaced: false,
  StockReserved: false,
  PaymentAuthorized: false,
  PaymentUnknown: false,
  PaymentDeclined: false,
  OrderConfirmed: true,
  OrderRejected: true,
  StockSold: false,
  PaymentCaptured: false,
  OrderCancelled: true,
  OrderRefunded: true,
  StockReleased: false,
  PaymentVoided: false,
  PaymentRefunded: false,
  OrderShipped: true,
  OrderDelivered: false,
  SlotTaken: false,
  SlotFreed: false,
} as const satisfies Record<keyof typeof orderEvents, boolean>;

type Heard = { [T in keyof typeof HEARD]: (typeof HEARD)[T] extends true ? T : never }[keyof typeof HEARD];
export type Occasion = Extract<EventOf<typeof orderEvents>, { type: Heard }>;

export interface Letter {
  subject: string;
  text: string;
}

/** Text from outside on one line: nothing in it can start a line, or a header, of its own. */
export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();

const languages: Readonly<Record<Locale, string>> = { en: "en-US", ko: "ko-KR" };

/** One for each language and currency: to make one takes longer than to write the whole mail. */
const formats = new Map<string, Intl.NumberFormat>();
const formatOf = (locale: Locale, currency: string): Intl.NumberFormat => {
  const key = `${locale} ${currency}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(languages[locale], { style: "currency", currency });
  formats.set(key, format);
  return format;
};

/** An amount as people write it: 1999 USD is $19.99, 1999 KRW is ₩1,999. */
export const formatMoney = ({ amount, currency }: Money, locale: Locale): string => {
  const format = formatOf(locale, currency);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0));
};

interface Language {
  /** `name` is undefined when nobody is to be greeted by name. */
  greeting(name: string | undefined): string;
  total: string;
  subjects: Readonly<Record<Heard, (id: string) => string>>;
  sentences: Readonly<Record<Exclude<Heard, "OrderRejected">, string>>;
  /** Why an order was rejected. `product` is the one that there was too little of. */
  rejections: Readonly<Record<Failure["code"], (product: string) => string>>;
}

const english: Language = {
  greeting: name => `Dear ${name ?? "customer"},`,
  total: "Total",
  subjects: {
    OrderConfirmed: id => `Your order ${id} is confirmed`,
    OrderRejected: id => `Your order ${id} could not be placed`,
    OrderCancelled: id => `Your order ${id} is cancelled`,
    OrderShipped: id => `Your order ${id} is on its way`,
    OrderRefunded: id => `Your order ${id} is refunded`,
  },
  sentences: {
    OrderConfirmed: "Thank you for your order. It is confirmed, and we will write again when it ships.",
    OrderCancelled: "Your order is cancelled. Whatever was charged goes back to you.",
    OrderShipped: "Your order has left our warehouse.",
    OrderRefunded: "We are giving you back what you paid for this order.",
  },
  rejections: {
    OUT_OF_STOCK: product => `${product} is out of stock. Nothing was charged.`,
    PAYMENT_DECLINED: () => "Your payment was declined. Nothing was charged.",
    EXPIRED: () => "It could not be completed in time. Whatever was charged goes back to you.",
  },
};

const korean: Language = {
  greeting: name => (name === undefined ? "고객님, 안녕하세요." : `${name} 님, 안녕하세요.`),
  total: "합계",
  subjects: {
    OrderConfirmed: id => `주문이 확정되었습니다 (${id})`,
    OrderRejected: id => `주문이 접수되지 않았습니다 (${id})`,
    OrderCancelled: id => `주문이 취소되었습니다 (${id})`,
    OrderShipped: id => `상품이 발송되었습니다 (${id})`,
    OrderRefunded: id => `주문이 환불됩니다 (${id})`,
  },
  sentences: {
    OrderConfirmed: "주문해 주셔서 감사합니다. 주문이 확정되었으며, 배송이 시작되면 알려 드리겠습니다.",
    OrderCancelled: "주문이 취소되었습니다. 결제하신 금액이 있으면 돌려 드립니다.",
    OrderShipped: "주문하신 상품이 발송되었습니다.",
    OrderRefunded: "이 주문으로 결제하신 금액을 돌려 드립니다.",
  },
  rejections: {
    OUT_OF_STOCK: product => `품절된 상품이 있습니다: ${product}. 청구된 금액은 없습니다.`,
    PAYMENT_DECLINED: () => "결제가 거절되었습니다. 청구된 금액은 없습니다.",
    EXPIRED: () => "주문이 제시간에 완료되지 못했습니다. 결제하신 금액이 있으면 돌려 드립니다.",
  },
};

const texts: Readonly<Record<Locale, Language>> = { en: english, ko: korean };

const sentence = ({ sentences, rejections }: Language, event: Occasion, { id, items }: Order): string => {
  if (event.type !== "OrderRejected") return sentences[event.type];
  const { code, productId } = event.data;
  return rejections[code](oneLine(items.find(item => item.productId === productId)?.name ?? id));
};

/** Whom a letter is for. `name` is what the letter may repeat of it: undefined greets nobody by name. */
export interface Reader {
  name: string | undefined;
  locale: Locale;
}

/**
 * The letter about an event of an order, to its owner. Amounts stand in the reader's notation. All words are the shop's
 * own: what the customer wrote (address, reasons) stays out, as anybody may have opened the account with the reader's
 * address.
 */
export const write = (event: Occasion, order: Order, { name, locale }: Reader): Letter => {
  const language = texts[locale];
  const lines = [
    language.greeting(name),
    "",
    sentence(language, event, order),
    "",
    ...order.items.map(item => `  ${item.quantity} × ${oneLine(item.name)}  ${formatMoney(item.lineTotal, locale)}`),
    `  ${language.total}: ${formatMoney(order.total, locale)}`,
    "",
  ];
  return { subject: language.subjects[event.type](oneLine(order.id)), text: lines.join("\n") };
};

// What the shop writes to its customers, in their language. Pure.
import type { Locale, Money } from "../../contracts/common";
import type { Order, orderEvents } from "../../contracts/orders";
import type { EventOf } from "../../lib/contract";

/** The order events that a customer hears about. */
export type Occasion = Extract<EventOf<typeof orderEvents>, { type: "OrderConfirmed" | "OrderRejected" | "OrderCancelled" | "OrderShipped" | "OrderRefunded" }>;

export interface Letter {
  subject: string;
  text: string;
}

/** Text from outside on one line: nothing in a name can start a line, or a header, of its own. */
export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();

const languages: Readonly<Record<Locale, string>> = { en: "en-US", ko: "ko-KR" };

/** An amount as people write it: 1999 USD is $19.99, 1999 KRW is ₩1,999. */
export const formatMoney = ({ amount, currency }: Money, locale: Locale): string => {
  const format = new Intl.NumberFormat(languages[locale], { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0));
};

/** What a sentence may need to say. */
interface Facts {
  id: string;
  /** The product that there was too little of; undefined when it was not that. */
  soldOut: string | undefined;
  reason: string | undefined;
}

interface Language {
  greeting(name: string): string;
  total: string;
  shipTo: string;
  reason: string;
  sentences: Readonly<Record<Occasion["type"], (facts: Facts) => { subject: string; body: string }>>;
}

const english: Language = {
  greeting: name => `Dear ${name},`,
  total: "Total",
  shipTo: "Ships to",
  reason: "Reason",
  sentences: {
    OrderConfirmed: ({ id }) => ({ subject: `Your order ${id} is confirmed`, body: "Thank you for your order. It is confirmed, and we will write again when it ships." }),
    OrderRejected: ({ id, soldOut }) => ({
      subject: `Your order ${id} could not be placed`,
      body: soldOut === undefined ? "Your payment was declined. Nothing was charged." : `${soldOut} is out of stock. Nothing was charged.`,
    }),
    OrderCancelled: ({ id }) => ({ subject: `Your order ${id} is cancelled`, body: "Your order is cancelled. Whatever was charged goes back to you." }),
    OrderShipped: ({ id }) => ({ subject: `Your order ${id} is on its way`, body: "Your order has left our warehouse." }),
    OrderRefunded: ({ id }) => ({ subject: `Your order ${id} is refunded`, body: "We are giving you back what you paid for this order." }),
  },
};

const korean: Language = {
  greeting: name => `${name} 님, 안녕하세요.`,
  total: "합계",
  shipTo: "배송지",
  reason: "사유",
  sentences: {
    OrderConfirmed: ({ id }) => ({ subject: `주문이 확정되었습니다 (${id})`, body: "주문해 주셔서 감사합니다. 주문이 확정되었으며, 배송이 시작되면 알려 드리겠습니다." }),
    OrderRejected: ({ id, soldOut }) => ({
      subject: `주문이 접수되지 않았습니다 (${id})`,
      body: soldOut === undefined ? "결제가 거절되었습니다. 청구된 금액은 없습니다." : `품절된 상품이 있습니다: ${soldOut}. 청구된 금액은 없습니다.`,
    }),
    OrderCancelled: ({ id }) => ({ subject: `주문이 취소되었습니다 (${id})`, body: "주문이 취소되었습니다. 결제하신 금액이 있으면 돌려 드립니다." }),
    OrderShipped: ({ id }) => ({ subject: `상품이 발송되었습니다 (${id})`, body: "주문하신 상품이 발송되었습니다." }),
    OrderRefunded: ({ id }) => ({ subject: `주문이 환불됩니다 (${id})`, body: "이 주문으로 결제하신 금액을 돌려 드립니다." }),
  },
};

const texts: Readonly<Record<Locale, Language>> = { en: english, ko: korean };

const factsOf = ({ type, data }: Occasion, { id, items }: Order): Facts => {
  switch (type) {
    case "OrderConfirmed":
    case "OrderShipped":
      return { id, soldOut: undefined, reason: undefined };
    case "OrderRejected":
      return { id, soldOut: data.code === "OUT_OF_STOCK" ? oneLine(items.find(item => item.productId === data.productId)?.name ?? id) : undefined, reason: undefined };
    case "OrderCancelled":
    case "OrderRefunded":
      return { id, soldOut: undefined, reason: data.reason };
    default:
      return type satisfies never;
  }
};

/** The letter about an event of an order, to its owner. Amounts stand in the reader's notation. */
export const write = (event: Occasion, order: Order, { name, locale }: { name: string; locale: Locale }): Letter => {
  const language = texts[locale];
  const facts = factsOf(event, order);
  const { subject, body } = language.sentences[event.type](facts);
  const { name: receiver, line1, line2, city, region, postalCode, country } = order.shippingAddress;
  const address = [receiver, line1, line2, city, region, postalCode, country].filter(part => part !== undefined).map(oneLine).join(", ");
  const lines = [
    language.greeting(oneLine(name)),
    "",
    body,
    ...(facts.reason === undefined ? [] : [`${language.reason}: ${oneLine(facts.reason)}`]),
    "",
    ...order.items.map(item => `  ${item.quantity} × ${oneLine(item.name)}  ${formatMoney(item.lineTotal, locale)}`),
    `  ${language.total}: ${formatMoney(order.total, locale)}`,
    "",
    ...(event.type === "OrderConfirmed" || event.type === "OrderShipped" ? [`${language.shipTo}: ${address}`, ""] : []),
  ];
  return { subject, text: lines.join("\n") };
};

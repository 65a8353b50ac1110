// What the shop writes to its customers, in their language. Pure.
import type { Locale, Money } from "../../contracts/common";
import type { Order } from "../../contracts/orders";

/** The order events that a customer hears about. */
export type Occasion = "OrderConfirmed" | "OrderRejected" | "OrderCancelled" | "OrderShipped" | "OrderRefunded";

export interface Letter {
  subject: string;
  text: string;
}

const languages: Readonly<Record<Locale, string>> = { en: "en-US", ko: "ko-KR" };

/** An amount as people write it: 1999 USD is $19.99, 1999 KRW is ₩1,999. */
export const formatMoney = ({ amount, currency }: Money, locale: Locale): string => {
  const format = new Intl.NumberFormat(languages[locale], { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

type Sentences = Readonly<Record<Occasion, (order: Order) => { subject: string; body: string }>>;

const english: Sentences = {
  OrderConfirmed: ({ id }) => ({ subject: `Your order ${id} is confirmed`, body: "Thank you for your order. We have confirmed it and will tell you when it ships." }),
  OrderRejected: ({ id, failure }) => ({
    subject: `Your order ${id} could not be placed`,
    body: failure?.code === "PAYMENT_DECLINED" ? "Your payment was declined. Nothing was charged." : "A product is out of stock. Nothing was charged.",
  }),
  OrderCancelled: ({ id }) => ({ subject: `Your order ${id} is cancelled`, body: "Your order is cancelled. Whatever was charged goes back to you." }),
  OrderShipped: ({ id }) => ({ subject: `Your order ${id} is on its way`, body: "Your order has left our warehouse." }),
  OrderRefunded: ({ id }) => ({ subject: `Your order ${id} is refunded`, body: "We have refunded your order." }),
};

const korean: Sentences = {
  OrderConfirmed: ({ id }) => ({ subject: `주문이 확정되었습니다 (${id})`, body: "주문해 주셔서 감사합니다. 주문이 확정되었으며, 배송이 시작되면 알려 드리겠습니다." }),
  OrderRejected: ({ id, failure }) => ({
    subject: `주문이 접수되지 않았습니다 (${id})`,
    body: failure?.code === "PAYMENT_DECLINED" ? "결제가 거절되었습니다. 청구된 금액은 없습니다." : "품절된 상품이 있습니다. 청구된 금액은 없습니다.",
  }),
  OrderCancelled: ({ id }) => ({ subject: `주문이 취소되었습니다 (${id})`, body: "주문이 취소되었습니다. 결제하신 금액은 환불됩니다." }),
  OrderShipped: ({ id }) => ({ subject: `상품이 발송되었습니다 (${id})`, body: "주문하신 상품이 발송되었습니다." }),
  OrderRefunded: ({ id }) => ({ subject: `환불이 완료되었습니다 (${id})`, body: "주문하신 금액이 환불되었습니다." }),
};

const texts: Readonly<Record<Locale, { sentences: Sentences; greeting(name: string): string; total: string }>> = {
  en: { sentences: english, greeting: name => `Dear ${name},`, total: "Total" },
  ko: { sentences: korean, greeting: name => `${name} 님,`, total: "합계" },
};

/** The letter for an occasion. Amounts stand in the reader's notation. */
export const write = (occasion: Occasion, order: Order, { name, locale }: { name: string; locale: Locale }): Letter => {
  const { sentences, greeting, total } = texts[locale];
  const { subject, body } = sentences[occasion](order);
  const lines = order.items.map(item => `  ${item.quantity} × ${item.name}  ${formatMoney(item.lineTotal, locale)}`);
  return { subject, text: [greeting(name), "", body, "", ...lines, `  ${total}: ${formatMoney(order.total, locale)}`, ""].join("\n") };
};

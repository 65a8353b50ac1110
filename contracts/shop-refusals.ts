// What the shop's own rules refuse: accounts, products, orders, payments.
import { Type } from "@sinclair/typebox";
import { object } from "../lib/contract";
import { MAX_PENDING_ORDERS } from "./common";
import { MAX_STOCK } from "./product-events";
import type { Refusals } from "./refusal-entry";

const pieces = MAX_STOCK.toLocaleString("en");

/** The order that was placed and ended: it can be read, as rejected. */
const Placed = object({ orderId: Type.String() });
/** Not `status`, which in a problem is the answer's own. */
const OrderStatus = object({ orderStatus: Type.String() });

export const shopRefusals = {
  EMAIL_TAKEN: { status: 409, en: "This e-mail address is already registered.", ko: "이미 존재하는 이메일입니다." },
  INVALID_REFRESH_TOKEN: {
    status: 401,
    en: "The refresh token is not valid, was used before, or its session has ended. Sign in again.",
    ko: "세션이 만료되었거나 리프레시 토큰이 올바르지 않습니다. 다시 로그인해 주세요.",
  },
  INVALID_CREDENTIALS: {
    status: 401,
    en: "The e-mail address or the password is wrong.",
    ko: "이메일 또는 비밀번호가 올바르지 않습니다.",
  },
  USER_NOT_FOUND: { status: 404, en: "There is no such user.", ko: "사용자를 찾을 수 없습니다." },
  LAST_ADMIN: {
    status: 409,
    en: "The last admin cannot be demoted or disabled.",
    ko: "마지막 관리자는 변경할 수 없습니다.",
  },

  PRODUCT_NOT_FOUND: { status: 404, en: "There is no such product.", ko: "상품을 찾을 수 없습니다." },
  SKU_TAKEN: { status: 409, en: "Another product has this SKU.", ko: "이미 사용 중인 SKU입니다." },
  STOCK_TOO_LOW: {
    status: 409,
    facts: object({ available: Type.Integer() }),
    en: "There are not that many pieces to take away.",
    ko: "재고가 부족합니다.",
  },
  STOCK_TOO_HIGH: {
    status: 409,
    en: `A product's stock cannot exceed ${pieces} pieces.`,
    ko: `재고는 ${pieces}개를 초과할 수 없습니다.`,
  },

  ORDER_NOT_FOUND: { status: 404, en: "There is no such order.", ko: "주문을 찾을 수 없습니다." },
  ORDER_NOT_CANCELLABLE: {
    status: 409,
    facts: OrderStatus,
    en: "This order can no longer be cancelled.",
    ko: "취소할 수 없는 주문입니다.",
  },
  ORDER_NOT_SHIPPABLE: {
    status: 409,
    facts: OrderStatus,
    en: "Only a confirmed and paid order can be shipped.",
    ko: "결제가 완료된 확정 주문만 배송할 수 있습니다.",
  },
  ORDER_NOT_DELIVERABLE: {
    status: 409,
    facts: OrderStatus,
    en: "Only a shipped order can be delivered.",
    ko: "배송 중인 주문만 배송 완료로 변경할 수 있습니다.",
  },
  ORDER_NOT_REFUNDABLE: {
    status: 409,
    facts: OrderStatus,
    en: "Only a paid order that was not refunded before can be refunded.",
    ko: "환불할 수 없는 주문입니다.",
  },
  OUT_OF_STOCK: {
    status: 409,
    facts: object({ orderId: Type.String(), productId: Type.Optional(Type.String()) }),
    en: "There are not enough pieces left. The order is rejected, and nothing was charged.",
    ko: "재고가 부족하여 주문이 접수되지 않았습니다. 청구된 금액은 없습니다.",
  },
  PAYMENT_DECLINED: {
    status: 402,
    facts: Placed,
    en: "The payment was declined. The order is rejected, and nothing was charged.",
    ko: "결제가 거절되어 주문이 접수되지 않았습니다. 청구된 금액은 없습니다.",
  },
  ORDER_EXPIRED: {
    status: 409,
    facts: Placed,
    en: "The order could not be completed in time. It is rejected, and whatever was charged goes back.",
    ko: "주문이 제시간에 완료되지 않아 취소되었습니다. 결제하신 금액이 있으면 돌려 드립니다.",
  },
  TOO_MANY_PENDING_ORDERS: {
    status: 409,
    en: `${MAX_PENDING_ORDERS} of your orders are still pending. Cancel one, or wait until one is settled.`,
    ko: `처리 중인 주문이 ${MAX_PENDING_ORDERS}건입니다. 주문을 취소하거나 처리가 끝난 뒤 다시 시도해 주세요.`,
  },
  PAYMENT_NOT_AUTHORIZED: { status: 409, en: "This payment is not authorised.", ko: "승인되지 않은 결제입니다." },
} as const satisfies Refusals;

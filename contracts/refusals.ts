// All ways to refuse, in one catalogue: code, HTTP status, one sentence per language, and the facts that come with it.
// The code is the promise.
import { type Static, type TObject, Type } from "@sinclair/typebox";
import { object } from "../lib/contract";
import type { FieldError, PlainCode } from "../lib/refusal";
import type { Locale } from "./common";

interface Entry extends Readonly<Record<Locale, string>> {
  readonly status: number;
  /**
   * What the problem says beyond its sentence, for programs. In a sentence `{name|words}` is such a fact, or the words
   * when it is not there.
   */
  readonly facts?: TObject;
}

const Errors = Type.Unsafe<readonly FieldError[]>(
  Type.Array(object({ path: Type.String({ description: "JSON Pointer (RFC 6901)." }), message: Type.String() })),
);
/** The order that was placed and ended: it can be read, as rejected. */
const Placed = object({ orderId: Type.String() });
/** Not `status`, which in a problem is the answer's own. */
const OrderStatus = object({ orderStatus: Type.String() });

const Unavailable = object({
  missing: Type.Optional(Type.Array(Type.String())),
  retryAfter: Type.Optional(Type.Integer({ minimum: 1, description: "Seconds, as in the header." })),
});

const catalogue = {
  VALIDATION_FAILED: {
    status: 422,
    facts: object({ errors: Errors }),
    en: "Some fields are not valid.",
    ko: "입력값이 올바르지 않습니다.",
  },
  MALFORMED_BODY: { status: 400, en: "The request body is not valid JSON.", ko: "요청 본문이 올바른 JSON이 아닙니다." },
  BODY_TOO_LARGE: { status: 413, en: "The request body is larger than 1 MiB.", ko: "요청 본문이 1 MiB를 초과합니다." },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    facts: object({
      sent: Type.Optional(Type.String({ description: "The body's type as it was sent." })),
      accepted: Type.Array(Type.String()),
    }),
    en: "The body was sent as {sent|no named type}. Send it as application/json, in UTF-8 and not compressed.",
    ko: "{sent|형식이 지정되지 않은} 본문은 지원하지 않습니다. 본문은 압축하지 않은 UTF-8 application/json으로 보내 주세요.",
  },
  NOT_ACCEPTABLE: {
    status: 406,
    en: "This API answers application/json only.",
    ko: "이 API는 application/json으로만 응답합니다.",
  },
  MALFORMED_REQUEST: { status: 400, en: "This is not a valid HTTP request.", ko: "올바른 HTTP 요청이 아닙니다." },
  HEADER_REPEATED: {
    status: 400,
    facts: object({ header: Type.String({ description: "The header that came more than once." }) }),
    en: "The header {header|that is meant} may be sent once.",
    ko: "{header|해당} 헤더는 한 번만 보낼 수 있습니다.",
  },
  EXPECTATION_FAILED: {
    status: 417,
    en: "This server meets no expectation but 100-continue.",
    ko: "지원하지 않는 Expect 헤더입니다.",
  },
  REQUEST_TOO_SLOW: { status: 408, en: "The request took too long to arrive.", ko: "요청 전송 시간이 초과되었습니다." },
  HEADERS_TOO_LARGE: { status: 431, en: "The request's headers are too large.", ko: "요청 헤더가 너무 큽니다." },
  URI_TOO_LONG: {
    status: 414,
    en: "The address of this request is longer than 16 KiB.",
    ko: "요청 주소가 16 KiB를 초과합니다.",
  },
  METHOD_NOT_IMPLEMENTED: {
    status: 501,
    en: "This server does not know that method.",
    ko: "이 서버가 알지 못하는 메서드입니다.",
  },
  ROUTE_NOT_FOUND: { status: 404, en: "There is nothing at this address.", ko: "요청한 주소를 찾을 수 없습니다." },
  METHOD_NOT_ALLOWED: {
    status: 405,
    facts: object({ allow: Type.String({ description: "As in the header." }) }),
    en: "This address does not support that method.",
    ko: "이 주소에서 지원하지 않는 메서드입니다.",
  },
  UNAUTHENTICATED: {
    status: 401,
    en: "Sign in first: the access token is missing or not valid.",
    ko: "로그인이 필요합니다.",
  },
  FORBIDDEN: { status: 403, en: "You may not do this.", ko: "접근 권한이 없습니다." },
  TOO_MANY_REQUESTS: {
    status: 429,
    en: "Too many requests. Try again later.",
    ko: "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
  },
  /** `missing`: the parts of the system that do not answer, told by /health/ready; `retryAfter`: when it is known. */
  SERVICE_UNAVAILABLE: {
    status: 503,
    facts: Unavailable,
    en: "The service is not available right now. Try again in a moment.",
    ko: "지금은 서비스를 이용할 수 없습니다. 잠시 후 다시 시도해 주세요.",
  },
  ANSWER_TOO_LARGE: {
    status: 500,
    en: "The answer is larger than we can carry. Ask for less, with a smaller limit.",
    ko: "응답이 너무 커서 전송할 수 없습니다. limit을 줄여 다시 요청해 주세요.",
  },
  INTERNAL: { status: 500, en: "Something went wrong on our side.", ko: "서버에 오류가 발생했습니다." },

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
    en: "A product's stock cannot exceed 1,000,000,000 pieces.",
    ko: "재고는 1,000,000,000개를 초과할 수 없습니다.",
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    en: "Send If-Match with the product's ETag.",
    ko: "상품의 ETag를 If-Match 헤더로 보내 주세요.",
  },
  PRECONDITION_FAILED: {
    status: 412,
    en: "It has changed since you read it. Read it again.",
    ko: "조회한 이후 변경되었습니다. 다시 조회해 주세요.",
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
    en: "20 of your orders are still pending. Cancel one, or wait until one is settled.",
    ko: "처리 중인 주문이 20건입니다. 주문을 취소하거나 처리가 끝난 뒤 다시 시도해 주세요.",
  },
  PAYMENT_NOT_AUTHORIZED: { status: 409, en: "This payment is not authorised.", ko: "승인되지 않은 결제입니다." },
  IDEMPOTENCY_KEY_REQUIRED: {
    status: 400,
    en: "Send an Idempotency-Key header, a new one for each order.",
    ko: "Idempotency-Key 헤더가 필요합니다.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    en: "This Idempotency-Key was used for another request.",
    ko: "다른 요청에 이미 사용된 Idempotency-Key입니다.",
  },
} as const satisfies Record<string, Entry>;

type FactsOf<E> = E extends { readonly facts: infer F extends TObject } ? Static<F> : Record<string, never>;
type Codes = { [C in keyof typeof catalogue]: FactsOf<(typeof catalogue)[C]> };

declare module "../lib/refusal" {
  interface RefusalCodes extends Codes {}
}

export type RefusalCode = keyof typeof catalogue;

export const refusals: Readonly<Record<RefusalCode, Entry>> = catalogue;

export const isRefusalCode = (code: unknown): code is RefusalCode =>
  typeof code === "string" && Object.hasOwn(catalogue, code);

/** Whether a code carries no facts. */
export const isPlain = (code: RefusalCode): code is PlainCode => refusals[code].facts === undefined;

// All that can be wrong with a field, in one catalogue: a code, and one sentence per language with its facts in it.
import type { FieldErrorCode } from "../lib/refusal";
import type { Locale } from "./common";

/** `{name}` is a fact of the code. */
type Sentences = Readonly<Record<Locale, string>>;

/** What schemas cannot find: what a request as a whole is wrong in, and what only the shop knows. */
interface OwnErrors {
  BODY_NOT_OBJECT: Readonly<Record<string, never>>;
  TOO_MANY_PARAMETERS: { readonly limit: number };
  NOT_ENTITY_TAGS: Readonly<Record<string, never>>;
  NO_SUCH_PRODUCT: Readonly<Record<string, never>>;
  PRICED_IN_OTHER_CURRENCY: { readonly currency: string };
  NOT_THE_CURRENCY: { readonly currency: string };
  TOO_MANY_PIECES: { readonly limit: number };
  TOO_EXPENSIVE: { readonly limit: number };
  PAYMENT_METHOD_NOT_TAKEN: Readonly<Record<string, never>>;
}

declare module "../lib/refusal" {
  interface FieldErrorCodes extends OwnErrors {}
}

export const fieldErrors: Readonly<Record<FieldErrorCode, Sentences>> = {
  REQUIRED: { en: "is required", ko: "필수 항목입니다." },
  UNKNOWN_FIELD: { en: "is not a known field", ko: "알 수 없는 항목입니다." },
  NAME_NOT_UNICODE: {
    en: "is a name that must be well-formed Unicode",
    ko: "항목 이름은 올바른 유니코드여야 합니다.",
  },
  NAME_HAS_CONTROLS: {
    en: "is a name that must not contain control characters",
    ko: "항목 이름에 제어 문자를 쓸 수 없습니다.",
  },
  NOT_UNICODE: { en: "must be well-formed Unicode", ko: "올바른 유니코드여야 합니다." },
  HAS_CONTROLS: { en: "must not contain control characters", ko: "제어 문자를 쓸 수 없습니다." },
  BLANK: { en: "must not be blank", ko: "비워 둘 수 없습니다." },
  WRONG_FORM: { en: "has a form that is not allowed", ko: "허용되지 않는 형식입니다." },
  NOT_ONE_OF: { en: "must be one of {allowed}", ko: "다음 중 하나여야 합니다: {allowed}" },
  NO_ALTERNATIVE: { en: "has a type that is not allowed", ko: "허용되지 않는 유형입니다." },
  NOT_EMAIL: { en: "must be an e-mail address", ko: "이메일 주소여야 합니다." },
  NOT_URI: { en: "must be a URI", ko: "URI여야 합니다." },
  NOT_TIME: {
    en: "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)",
    ko: "2026-01-31T12:00:00Z와 같은 시각이어야 합니다(RFC 3339).",
  },
  WRONG_FORMAT: { en: "must be a valid {format}", ko: "올바른 {format} 형식이어야 합니다." },
  NOT_STRING: { en: "must be string", ko: "문자열이어야 합니다." },
  NOT_INTEGER: { en: "must be integer", ko: "정수여야 합니다." },
  NOT_NUMBER: { en: "must be number", ko: "숫자여야 합니다." },
  NOT_BOOLEAN: { en: "must be boolean", ko: "true 또는 false여야 합니다." },
  NOT_ARRAY: { en: "must be array", ko: "배열이어야 합니다." },
  NOT_OBJECT: { en: "must be object", ko: "객체여야 합니다." },
  TOO_SHORT: { en: "must NOT have fewer than {limit} characters", ko: "{limit}자 이상이어야 합니다." },
  TOO_LONG: { en: "must NOT have more than {limit} characters", ko: "{limit}자를 넘을 수 없습니다." },
  TOO_FEW_ITEMS: { en: "must NOT have fewer than {limit} items", ko: "{limit}개 이상이어야 합니다." },
  TOO_MANY_ITEMS: { en: "must NOT have more than {limit} items", ko: "{limit}개를 넘을 수 없습니다." },
  TOO_MANY_FIELDS: { en: "must NOT have more than {limit} properties", ko: "항목은 {limit}개를 넘을 수 없습니다." },
  TOO_LOW: { en: "must be >= {limit}", ko: "{limit} 이상이어야 합니다." },
  TOO_HIGH: { en: "must be <= {limit}", ko: "{limit} 이하여야 합니다." },
  NOT_A_CURSOR: {
    en: "must be a nextCursor of this very list, with the same filters and the same sort",
    ko: "같은 필터와 같은 정렬로 얻은 이 목록의 nextCursor여야 합니다.",
  },
  PAGE_TOO_DEEP: {
    en: "must be at most {limit} with this limit; to go on, use the cursor that each page answers as nextCursor",
    ko: "이 limit으로는 {limit} 이하여야 합니다. 더 보려면 각 페이지의 nextCursor를 cursor로 쓰십시오.",
  },
  WRONG_CONSTANT: { en: "must be equal to constant", ko: "정해진 값이어야 합니다." },
  INVALID: { en: "is not valid", ko: "올바르지 않습니다." },

  BODY_NOT_OBJECT: { en: "must be an object", ko: "본문은 JSON 객체여야 합니다." },
  TOO_MANY_PARAMETERS: {
    en: "must have at most {limit} query parameters",
    ko: "쿼리 매개변수는 {limit}개를 넘을 수 없습니다.",
  },
  NOT_ENTITY_TAGS: {
    en: 'must be one or more ETags in their quotes, such as "3" or "3", "4"; or *',
    ko: '"3" 또는 "3", "4"처럼 따옴표로 묶은 ETag를 하나 이상 쓰거나 *를 써야 합니다.',
  },

  NO_SUCH_PRODUCT: { en: "is not a product of this shop", ko: "이 상점의 상품이 아닙니다." },
  PRICED_IN_OTHER_CURRENCY: {
    en: "is not priced in {currency}, the shop's currency",
    ko: "이 상점의 통화({currency})로 가격이 매겨진 상품이 아닙니다.",
  },
  NOT_THE_CURRENCY: {
    en: "must be {currency}, the shop's currency",
    ko: "이 상점의 통화({currency})만 쓸 수 있습니다.",
  },
  TOO_MANY_PIECES: {
    en: "must be at most {limit} pieces of one product",
    ko: "한 상품은 {limit}개까지 주문할 수 있습니다.",
  },
  TOO_EXPENSIVE: {
    en: "must cost at most {limit} minor units in all",
    ko: "주문 총액은 통화의 최소 단위로 {limit}을 넘을 수 없습니다.",
  },
  PAYMENT_METHOD_NOT_TAKEN: {
    en: "is not a payment method that this shop takes",
    ko: "이 상점에서 받지 않는 결제 수단입니다.",
  },
};

export const isFieldErrorCode = (code: unknown): code is FieldErrorCode =>
  typeof code === "string" && Object.hasOwn(fieldErrors, code);

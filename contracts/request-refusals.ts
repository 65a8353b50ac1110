// What any request may be refused with, whatever it asks for: as HTTP, by who sends it, or because we cannot answer it.
import { Type } from "@sinclair/typebox";
import { object } from "../lib/contract";
import type { FieldError } from "../lib/refusal";
import type { Refusals } from "./refusal-entry";

const path = Type.String({ description: "JSON Pointer (RFC 6901)." });
const code = Type.String({ pattern: "^[A-Z][A-Z_]*$", description: "What is wrong with it, for programs." });
/** As services tell them each other; the sentences are made of it at the edge. */
const Errors = Type.Unsafe<readonly FieldError[]>(
  Type.Array(object({ path, code, facts: Type.Optional(Type.Record(Type.String(), Type.Unknown())) })),
);
const ShownErrors = Type.Array(object({ path, code, message: Type.String() }));

const Unavailable = object({
  missing: Type.Optional(Type.Array(Type.String())),
  retryAfter: Type.Optional(Type.Integer({ minimum: 1, description: "Seconds, as in the header." })),
});

export const requestRefusals = {
  VALIDATION_FAILED: {
    status: 422,
    facts: object({ errors: Errors }),
    shown: object({ errors: ShownErrors }),
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
    ko:
      "{sent|형식이 지정되지 않은} 본문은 지원하지 않습니다. " +
      "본문은 압축하지 않은 UTF-8 application/json으로 보내 주세요.",
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
} as const satisfies Refusals;

// Turns any error into an RFC 9457 problem: a code of the catalogue, a sentence in the caller's language, and nothing else.
import type { Locale } from "../../contracts/common";
import { isRefusalCode, type RefusalCode, refusals } from "../../contracts/refusals";
import { type FieldError, Refusal } from "../../lib/refusal";
import { type Answer, json } from "./answer";

export interface Problem {
  code: RefusalCode;
  errors?: readonly FieldError[];
  /** Parts of the system that are missing, in a readiness answer. */
  missing?: readonly string[];
  /** The methods that an address does support. */
  allow?: string;
}

/** More would tell nobody more, and a hostile body could make any number of them. */
const MAX_ERRORS = 100;

/** Moleculer's and our own ways to say that nobody was there to do it, or not in time. */
const UNAVAILABLE = new Set([
  "SERVICE_NOT_FOUND", "SERVICE_NOT_AVAILABLE", "REQUEST_TIMEOUT", "REQUEST_SKIPPED", "REQUEST_REJECTED",
  "QUEUE_FULL", "BAD_GATEWAY", "STORE_UNAVAILABLE", "GRACEFUL_STOP_TIMEOUT",
]);

/** moleculer-web's: no such route, and a path whose percent-encoding is broken. */
const NO_ROUTE = new Set(["NOT_FOUND", "UNABLE_DECODE_PARAM"]);

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const fieldErrors = (value: unknown): FieldError[] =>
  Array.isArray(value) ? value.slice(0, MAX_ERRORS).flatMap((item: unknown) => (isRecord(item) && typeof item.path === "string" && typeof item.message === "string" ? [{ path: item.path, message: item.message }] : [])) : [];

const withErrors = (code: RefusalCode, errors: unknown): Problem => {
  const fields = fieldErrors(errors);
  return fields.length > 0 ? { code, errors: fields } : { code };
};

/** What an error means to a client. Everything that we do not know is INTERNAL. */
export const toProblem = (error: unknown): Problem => {
  if (!isRecord(error)) return { code: "INTERNAL" };
  if (error instanceof Refusal) {
    const { missing, allow, errors } = error.data;
    const code = isRefusalCode(error.code) ? error.code : "INTERNAL";
    return { ...withErrors(code, errors), ...(Array.isArray(missing) ? { missing: missing.map(String) } : {}), ...(typeof allow === "string" ? { allow } : {}) };
  }
  const { type, data } = error;
  if (isRefusalCode(type)) return withErrors(type, isRecord(data) ? data.errors : undefined);
  if (type === "VALIDATION_ERROR") return withErrors("VALIDATION_FAILED", data);
  if (typeof type === "string" && UNAVAILABLE.has(type)) return { code: "SERVICE_UNAVAILABLE" };
  if (typeof type === "string" && NO_ROUTE.has(type)) return { code: "ROUTE_NOT_FOUND" };
  return { code: "INTERNAL" };
};

export const statusOf = ({ code }: Problem): number => refusals[code].status;

/** EMAIL_TAKEN → "Email taken". */
const titleOf = (code: RefusalCode) => code.charAt(0) + code.slice(1).toLowerCase().replaceAll("_", " ");

interface Occasion {
  locale: Locale;
  /** The path of the request. */
  instance: string;
  /** Whether the request carried an access token, which was then not good enough (RFC 6750, section 3). */
  tokenSent: boolean;
}

const headersFor = ({ code, allow }: Problem, { locale, tokenSent }: Occasion): string[] => {
  const { status } = refusals[code];
  const headers = ["Content-Language", locale];
  if (status === 401) headers.push("WWW-Authenticate", tokenSent && code === "UNAUTHENTICATED" ? `Bearer error="invalid_token"` : "Bearer");
  if (status === 503 || status === 429) headers.push("Retry-After", "1");
  if (allow !== undefined) headers.push("Allow", allow);
  return headers;
};

/** The answer to a request that failed. */
export const problemAnswer = (problem: Problem, occasion: Occasion): Answer => {
  const { code, errors, missing } = problem;
  const { status, [occasion.locale]: sentence } = refusals[code];
  const body = {
    type: `/problems/${code.toLowerCase().replaceAll("_", "-")}`,
    title: titleOf(code),
    status,
    detail: sentence,
    instance: occasion.instance,
    code,
    success: false,
    error: sentence,
    ...(errors ? { errors } : {}),
    ...(missing ? { missing } : {}),
  };
  return json(body, { status, contentType: "application/problem+json", headers: headersFor(problem, occasion) });
};

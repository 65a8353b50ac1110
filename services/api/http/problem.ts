// Turns any error into an RFC 9457 problem: a code of the catalogue, a sentence in the caller's language, and nothing
// else.
import type { Locale } from "../../../contracts/common";
import { isRefusalCode, type RefusalCode, refusals } from "../../../contracts/refusals";
import { type FieldError, Refusal } from "../../../lib/refusal";
import { compileCheck } from "../../../lib/validate";
import { type Answer, json, REPLAYED } from "./response";
import { fieldErrorsIn, sentenceOf, tellFieldError } from "./sentences";

export interface Problem {
  code: RefusalCode;
  /** What the catalogue lets this code tell. */
  facts: Readonly<Record<string, unknown>>;
  /** Whether it was told before, to an earlier request with the same idempotency key. */
  replayed?: boolean;
}

/** More would tell nobody more, and a hostile body could make any number of them. */
const MAX_ERRORS = 100;

/** Moleculer's and our own ways to say that nobody was there to do it, or not in time. */
const UNAVAILABLE = new Set([
  "SERVICE_NOT_FOUND",
  "SERVICE_NOT_AVAILABLE",
  "REQUEST_TIMEOUT",
  "CALLER_GONE",
  "REQUEST_SKIPPED",
  "REQUEST_REJECTED",
  "QUEUE_FULL",
  "BAD_GATEWAY",
  "STORE_UNAVAILABLE",
  "GRACEFUL_STOP_TIMEOUT",
]);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const checks = new Map(
  Object.entries(refusals).flatMap(([code, { facts }]) =>
    facts ? [[code, { names: Object.keys(facts.properties), check: compileCheck(facts) }]] : [],
  ),
);

/** Of what came with a code, that which the catalogue knows; nothing when it has another form. */
const problemOf = (code: RefusalCode, data: unknown = {}): Problem => {
  const known = checks.get(code);
  if (!known || !isRecord(data)) return { code, facts: {} };
  const { errors, ...others } = Object.fromEntries(
    known.names.flatMap(name => (data[name] === undefined ? [] : [[name, data[name]]])),
  );
  const fields = fieldErrorsIn(errors, MAX_ERRORS);
  const facts = { ...(fields.length > 0 ? { errors: fields } : {}), ...others };
  return { code, facts: known.check(facts).length === 0 ? facts : {} };
};

/** As a refusal says so itself, and as it comes from another process (lib/moleculer/service.ts). */
const isReplay = ({ replayed, data }: Record<string, unknown>): boolean =>
  replayed === true || (isRecord(data) && data.replayed === true);

/** What an error means to a client. Everything that we do not know is INTERNAL. */
export const toProblem = (error: unknown): Problem => {
  if (!isRecord(error)) return problemOf("INTERNAL");
  const type = error instanceof Refusal ? error.code : error.type;
  if (isRefusalCode(type))
    return isReplay(error) ? { ...problemOf(type, error.data), replayed: true } : problemOf(type, error.data);
  if (type === "VALIDATION_ERROR") return problemOf("VALIDATION_FAILED", { errors: error.data });
  if (typeof type === "string" && UNAVAILABLE.has(type)) return problemOf("SERVICE_UNAVAILABLE");
  // moleculer-web's: no such route, and a path whose percent-encoding is broken.
  if (type === "NOT_FOUND") return problemOf("ROUTE_NOT_FOUND");
  if (type === "UNABLE_DECODE_PARAM") return problemOf("MALFORMED_REQUEST");
  return problemOf("INTERNAL");
};

export const statusOf = ({ code }: Problem): number => refusals[code].status;

/** EMAIL_TAKEN → "Email taken". */
export const titleOf = (code: RefusalCode) => code.charAt(0) + code.slice(1).toLowerCase().replaceAll("_", " ");

interface Occasion {
  locale: Locale;
  /** The path of the request. */
  instance: string;
  /** Whether the request carried an access token, which was then not good enough (RFC 6750, section 3). */
  tokenSent: boolean;
  /** Where that is which was made and kept all the same. */
  location?: string | undefined;
}

const headersFor = (
  { code, facts: { allow, retryAfter = 1 }, replayed }: Problem,
  { locale, tokenSent, location }: Occasion,
): string[] => {
  const { status } = refusals[code];
  const headers = ["Content-Language", locale];
  if (status === 401)
    headers.push(
      "WWW-Authenticate",
      tokenSent && code === "UNAUTHENTICATED" ? `Bearer error="invalid_token"` : "Bearer",
    );
  if (status === 503 || status === 429) headers.push("Retry-After", String(retryAfter));
  if (status === 415) headers.push("Accept", "application/json", "Accept-Encoding", "identity");
  if (typeof allow === "string") headers.push("Allow", allow);
  if (location !== undefined) headers.push("Location", location);
  if (replayed) headers.push(...REPLAYED);
  return headers;
};

/** The facts as clients see them: of a field, also what is wrong with it in words. */
const shown = ({ errors, ...others }: Problem["facts"], locale: Locale): Problem["facts"] =>
  Array.isArray(errors)
    ? { errors: errors.map((error: FieldError) => tellFieldError(error, locale)), ...others }
    : others;

/** The answer to a request that failed. */
export const problemAnswer = (problem: Problem, occasion: Occasion): Answer => {
  const { code, facts } = problem;
  const { status } = refusals[code];
  const sentence = sentenceOf(code, occasion.locale, facts);
  const body = {
    type: `/problems/${code.toLowerCase().replaceAll("_", "-")}`,
    title: titleOf(code),
    status,
    detail: sentence,
    instance: occasion.instance,
    code,
    success: false,
    error: sentence,
    ...shown(facts, occasion.locale),
  };
  return json(body, { status, contentType: "application/problem+json", headers: headersFor(problem, occasion) });
};

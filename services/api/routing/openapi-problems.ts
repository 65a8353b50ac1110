// The problems of the OpenAPI document: one schema a code, and one answer for all codes of a status.
import { Type } from "@sinclair/typebox";
import { LOCALES } from "../../../contracts/common";
import { refusals } from "../../../contracts/refusals";
import type { RefusalCode } from "../../../lib/refusal";
import { headersOf, ifAny } from "./openapi-headers";
import { type Json, output } from "./openapi-schemas";
import { titleOf } from "../http/problem";
import { sentenceOf } from "../http/sentences";

/** RFC 9457, with what this API adds to it. */
const Problem = Type.Object({
  type: Type.String({ format: "uri-reference" }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String(),
  instance: Type.String({ description: "The path of the request." }),
  code: Type.String({
    pattern: "^[A-Z][A-Z_]*$",
    description: "What is the matter, for programs. Codes may be added.",
  }),
  success: Type.Literal(false),
  error: Type.String({
    description: `One sentence for a person, in the language of Accept-Language (${LOCALES.join(", ")}).`,
  }),
});

/** EMAIL_TAKEN → EmailTaken */
const nameOf = (code: RefusalCode): string =>
  titleOf(code).replaceAll(/ (.)/g, (_, letter: string) => letter.toUpperCase());

const refTo = (code: RefusalCode): string => `#/components/schemas/${nameOf(code)}`;

const variantOf = (code: RefusalCode): Json => {
  const { status, facts = Type.Object({}), shown = facts } = refusals[code];
  const { properties, required = [] } = shown;
  const own = Type.Object({ status: Type.Literal(status), code: Type.Literal(code), ...properties });
  return {
    description: sentenceOf(code, "en"),
    allOf: [{ $ref: "#/components/schemas/Problem" }, output({ ...own, required: ["status", "code", ...required] })],
  };
};

/** The schemas of these codes' problems, and what all have in common. */
export const problemSchemas = (codes: Iterable<RefusalCode>): Json => ({
  Problem,
  ...Object.fromEntries([...codes].map(code => [nameOf(code), variantOf(code)])),
});

const HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ["WWW-Authenticate"],
  415: ["Accept", "Accept-Encoding"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

/** Whether a refusal names, by this fact, what was made and kept all the same: then it says where that is. */
const names = (code: RefusalCode, fact: string | undefined): boolean =>
  fact !== undefined && refusals[code].facts?.properties[fact] !== undefined;

const headersFor = (status: number, isPlaced: boolean): Json => ({
  ...headersOf("Content-Language", ...(HEADERS[status] ?? [])),
  ...(isPlaced ? ifAny("Location", "ETag", "Idempotent-Replayed") : {}),
});

const answerOf = (status: number, codes: readonly RefusalCode[], fact: string | undefined): Json => {
  const [first, ...others] = codes;
  const schema =
    first !== undefined && others.length === 0
      ? { $ref: refTo(first) }
      : {
          oneOf: codes.map(code => ({ $ref: refTo(code) })),
          discriminator: { propertyName: "code", mapping: Object.fromEntries(codes.map(code => [code, refTo(code)])) },
        };
  return {
    description: codes.map(code => `\`${code}\`: ${sentenceOf(code, "en")}`).join("\n\n"),
    headers: headersFor(
      status,
      codes.some(code => names(code, fact)),
    ),
    content: { "application/problem+json": { schema } },
  };
};

/**
 * The answers to a route's refusals, by status.
 * @param fact of a refusal, names what was made and kept all the same
 */
export const problemAnswers = (codes: readonly RefusalCode[], fact?: string): Json => {
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of codes) {
    const { status } = refusals[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, its]) => [status, answerOf(status, its, fact)]));
};

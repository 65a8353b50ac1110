// Every way in which a field can be wrong has its sentence in both languages, and schemas know no other way.
import { type TSchema, Type } from "@sinclair/typebox";
import { fieldErrors } from "../../contracts/field-errors";
import { services } from "../../contracts/index";
import { type ActionContract, choice, object } from "../../lib/contract";
import { compileCheck } from "../../lib/validate";
import { tellFieldError } from "../../services/api/http/sentences";

const HANGUL = /[가-힣]/;
const factsIn = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();

test.each(Object.entries(fieldErrors))("%s is told in English and in Korean, with the same facts", (_code, told) => {
  expect([HANGUL.test(told.en), HANGUL.test(told.ko)]).toEqual([false, true]);
  expect(factsIn(told.ko)).toEqual(factsIn(told.en));
});

const told = (schema: TSchema, value: unknown) =>
  compileCheck(schema)(value).map(error => [tellFieldError(error, "en").message, tellFieldError(error, "ko").message]);

test.each<[schema: TSchema, value: unknown, en: string, ko: string]>([
  [object({ a: Type.Integer() }), {}, "is required", "필수 항목입니다."],
  [object({}), { a: 1 }, "is not a known field", "알 수 없는 항목입니다."],
  [choice("en", "ko"), "fr", "must be one of en, ko", "다음 중 하나여야 합니다: en, ko"],
  [Type.String({ pattern: "^[a-z]+$" }), "", "must not be blank", "비워 둘 수 없습니다."],
  [Type.String({ pattern: "^[a-z]*$" }), "A", "has a form that is not allowed", "허용되지 않는 형식입니다."],
  [Type.String({ format: "email" }), "kim", "must be an e-mail address", "이메일 주소여야 합니다."],
  [Type.String({ format: "uri" }), "kim", "must be a URI", "URI여야 합니다."],
  [
    Type.String({ format: "date-time" }),
    "now",
    "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)",
    "2026-01-31T12:00:00Z와 같은 시각이어야 합니다(RFC 3339).",
  ],
  [Type.Number({ format: "int64" }), 1.5, "must be a valid int64", "올바른 int64 형식이어야 합니다."],
  [Type.Union([Type.Number(), Type.Boolean()]), "x", "has a type that is not allowed", "허용되지 않는 유형입니다."],
  [Type.String(), 1, "must be string", "문자열이어야 합니다."],
  [Type.Integer(), 1.5, "must be integer", "정수여야 합니다."],
  [Type.Number(), "1", "must be number", "숫자여야 합니다."],
  [Type.Boolean(), "1", "must be boolean", "true 또는 false여야 합니다."],
  [Type.Array(Type.Unknown()), 1, "must be array", "배열이어야 합니다."],
  [object({}), [], "must be object", "객체여야 합니다."],
  [Type.String({ minLength: 8 }), "x", "must NOT have fewer than 8 characters", "8자 이상이어야 합니다."],
  [Type.String({ maxLength: 1 }), "xy", "must NOT have more than 1 characters", "1자를 넘을 수 없습니다."],
  [Type.Array(Type.Unknown(), { minItems: 1 }), [], "must NOT have fewer than 1 items", "1개 이상이어야 합니다."],
  [Type.Array(Type.Unknown(), { maxItems: 1 }), [1, 2], "must NOT have more than 1 items", "1개를 넘을 수 없습니다."],
  [
    Type.Record(Type.String(), Type.Unknown(), { maxProperties: 0 }),
    { a: 1 },
    "must NOT have more than 0 properties",
    "항목은 0개를 넘을 수 없습니다.",
  ],
  [Type.Integer({ minimum: 1 }), 0, "must be >= 1", "1 이상이어야 합니다."],
  [Type.Integer({ maximum: 100 }), 101, "must be <= 100", "100 이하여야 합니다."],
  [Type.Literal(true), false, "must be equal to constant", "정해진 값이어야 합니다."],
])("%j does not take %j: %s", (schema, value, en, ko) => {
  expect(told(schema, value)).toEqual([[en, ko]]);
});

/** The keywords that can refuse a value, in a schema and all that it is made of. */
const keywordsIn = (schema: unknown): string[] => {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === "properties" || key === "patternProperties") return [key, ...Object.values(value).flatMap(keywordsIn)];
    if (key === "items") return [key, ...keywordsIn(value)];
    if (key === "anyOf") return [key, ...(value as unknown[]).flatMap(keywordsIn)];
    return [key];
  });
};

test("no contract asks for anything of its params that would only be called invalid", () => {
  const contracts = Object.values(services).flatMap(({ actions }) => Object.values<ActionContract>(actions));
  const used = new Set(contracts.flatMap(({ params }) => keywordsIn(params)));
  const refusing =
    "additionalProperties anyOf const enum format maxItems maxLength maxProperties maximum minItems minLength " +
    "minimum pattern required type";
  const silent = "default description items patternProperties properties";
  expect([...used].sort()).toEqual(`${refusing} ${silent}`.split(" ").sort());
});

test("a fact that did not come along leaves a gap, and no braces", () => {
  const error = { path: "/a", code: "TOO_LONG" } as unknown as Parameters<typeof tellFieldError>[0];
  expect(tellFieldError(error, "en").message).toBe("must NOT have more than … characters");
});

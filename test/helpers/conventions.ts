// What the API promises of every answer, whatever was asked.
import { refusals } from "../../contracts/refusals";
import type { Answered } from "./http";

const HANGUL = /[가-힣]/;

/** Fails unless an answer has all that every answer has, in this language. @param path of its request */
export const hold = (answer: Answered, path: string, locale = "en"): void => {
  const { status, headers, text } = answer;
  expect(headers).toMatchObject({
    "x-request-id": expect.stringMatching(/^[\w.-]{1,64}$/),
    "x-content-type-options": "nosniff",
    date: expect.stringMatching(/ GMT$/),
  });
  expect([headers["www-authenticate"] !== undefined, headers.allow !== undefined]).toEqual([
    status === 401,
    status === 405 || (status === 204 && headers["access-control-allow-methods"] !== undefined),
  ]);
  if (status === 429 || status === 503 || status === 202) expect(headers["retry-after"]).toMatch(/^\d+$/);
  if (status < 400 || text === "") return;
  expect(headers).toMatchObject({
    "content-type": "application/problem+json",
    "content-language": locale,
    "cache-control": "no-store",
  });
  const { code, ...problem } = answer.json<{ code: keyof typeof refusals }>();
  expect(refusals).toHaveProperty(code);
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: path,
    success: false,
  });
  const { error } = answer.json<{ error: string }>();
  expect(HANGUL.test(error)).toBe(locale === "ko");
};

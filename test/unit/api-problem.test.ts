// Every error becomes a problem that tells the client what to do, and nothing about us.
import { Errors } from "moleculer";
import { refusals } from "../../contracts/refusals";
import { Refusal } from "../../lib/refusal";
import { problemAnswer, toProblem } from "../../services/api/http/problem";
import { sentenceOf } from "../../services/api/http/sentences";

const occasion = { locale: "en", instance: "/api/x", tokenSent: false } as const;
const rendered = (error: unknown, more: Partial<Parameters<typeof problemAnswer>[1]> = {}) => {
  const { status, headers, body } = problemAnswer(toProblem(error), { ...occasion, ...more });
  const header = (name: string) => headers[headers.indexOf(name) + 1];
  return {
    status,
    header: (name: string) => (headers.includes(name) ? header(name) : undefined),
    body: JSON.parse(String(body)) as Record<string, unknown>,
  };
};

test("a refusal becomes its code, its status and its sentence in the caller's language", () => {
  const { status, body } = rendered(new Refusal("EMAIL_TAKEN"), { locale: "ko" });
  expect(status).toBe(409);
  expect(body).toEqual({
    type: "/problems/email-taken",
    title: "Email taken",
    status: 409,
    detail: "이미 존재하는 이메일입니다.",
    instance: "/api/x",
    code: "EMAIL_TAKEN",
    success: false,
    error: "이미 존재하는 이메일입니다.",
  });
});

test("a refusal from another process is known by its type, and tells what the catalogue lets it tell", () => {
  const { status, body } = rendered(
    new Errors.MoleculerClientError("OUT", 400, "STOCK_TOO_LOW", { available: 3, stack: "at x.js:1" }),
  );
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: "STOCK_TOO_LOW", available: 3 });
  expect(body).not.toHaveProperty("stack");
  expect(
    rendered(new Errors.MoleculerClientError("OUT", 400, "EMAIL_TAKEN", { available: 3 })).body,
  ).not.toHaveProperty("available");
});

test("facts of another form than the catalogue's stay inside", () => {
  expect(
    rendered(new Errors.MoleculerClientError("OUT", 400, "STOCK_TOO_LOW", { available: { $where: "1" } })).body,
  ).not.toHaveProperty("available");
  const { body } = rendered(
    new Errors.MoleculerClientError("NO", 400, "VALIDATION_FAILED", {
      errors: [{ path: "/delta", code: "TOO_LOW", facts: { limit: 1 }, secret: 1 }],
    }),
  );
  expect(body.errors).toEqual([{ path: "/delta", code: "TOO_LOW", message: "must be >= 1" }]);
});

test("a service's own validation becomes 422 with path, code and message only", () => {
  const { status, body } = rendered(
    new Errors.ValidationError("Parameters validation error!", "VALIDATION_ERROR", [
      { path: "/a", code: "REQUIRED", action: "x.y", nodeID: "n1" },
      { path: "/b", message: "no code of ours", action: "x.y", nodeID: "n1" },
    ]),
  );
  expect(status).toBe(422);
  expect(body.errors).toEqual([{ path: "/a", code: "REQUIRED", message: "is required" }]);
});

test.each([
  new Errors.ServiceNotFoundError({ action: "orders.place" }),
  new Errors.ServiceNotAvailableError({ action: "orders.place" }),
  new Errors.RequestTimeoutError({ action: "orders.place", nodeID: "n1" }),
  new Errors.RequestSkippedError({ action: "orders.place", nodeID: "n1" }),
  new Errors.RequestRejectedError({ action: "orders.place", nodeID: "n1" }),
  new Errors.QueueIsFullError({ action: "orders.place", nodeID: "n1" }),
  new Errors.MoleculerRetryableError("gone", 502, "BAD_GATEWAY", {}),
  new Errors.MoleculerRetryableError("no", 503, "STORE_UNAVAILABLE", {}),
])("nobody there in time ($type) is 503 with Retry-After", error => {
  const { status, header, body } = rendered(error);
  expect([status, header("Retry-After"), body.code]).toEqual([503, "1", "SERVICE_UNAVAILABLE"]);
});

test.each([
  [new Error("ECONNREFUSED mongodb://secret@db")],
  [new Errors.MoleculerError("at /srv/x.js:1", 418, "TEAPOT", { stack: "…" })],
  ["text"],
  [null],
  [undefined],
  [{ type: "NO_SUCH_CODE" }],
])("what nobody planned (%p) is INTERNAL and says nothing about itself", error => {
  const { status, body } = rendered(error);
  expect(status).toBe(500);
  expect(body).toEqual({
    type: "/problems/internal",
    title: "Internal",
    status: 500,
    detail: refusals.INTERNAL.en,
    instance: "/api/x",
    code: "INTERNAL",
    success: false,
    error: refusals.INTERNAL.en,
  });
});

test("429 says when to come again", () => {
  const { status, header } = rendered(new Refusal("TOO_MANY_REQUESTS"));
  expect([status, header("Retry-After")]).toEqual([429, "1"]);
});

test("401 says how to sign in, and whether the token was the reason", () => {
  expect(rendered(new Refusal("UNAUTHENTICATED")).header("WWW-Authenticate")).toBe("Bearer");
  expect(rendered(new Refusal("UNAUTHENTICATED"), { tokenSent: true }).header("WWW-Authenticate")).toBe(
    `Bearer error="invalid_token"`,
  );
  expect(rendered(new Refusal("INVALID_CREDENTIALS"), { tokenSent: true }).header("WWW-Authenticate")).toBe("Bearer");
});

test.each(Object.entries(refusals))(
  "the sentences of %s name facts that it has, the same in both languages, and hold without them",
  (code, { en, ko, facts }) => {
    const namedIn = (sentence: string) => [...sentence.matchAll(/\{(\w+)\|[^}]+\}/g)].map(([, name]) => name);
    expect(namedIn(ko)).toEqual(namedIn(en));
    for (const name of namedIn(en)) expect(Object.keys(facts?.properties ?? {})).toContain(name);
    for (const locale of ["en", "ko"] as const)
      expect(sentenceOf(code as keyof typeof refusals, locale)).not.toMatch(/[{}|]/);
  },
);

test("a list of mistakes is cut at a hundred", () => {
  const errors = Array.from({ length: 5000 }, (_, index) => ({ path: `/items/${index}`, code: "INVALID" as const }));
  expect(rendered(new Refusal("VALIDATION_FAILED", { errors })).body.errors).toHaveLength(100);
});

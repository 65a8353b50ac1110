// The tests' own eye for answers that the OpenAPI document does not name: seen to see.
import { refusals } from "../../contracts/refusals";
import { NOWHERE } from "../../services/api/routing/refusals";
import { openApi } from "../../services/api/routing/openapi";
import { problemAnswer } from "../../services/api/http/problem";
import { routes } from "../../services/api/routes";
import { contractOf } from "../../services/api/routing/contracts";
import { differences, type Exchange } from "../helpers/conformance";
import { product } from "../helpers/examples";

const always = { "x-request-id": "r1", "cache-control": "no-store" };
const shown: Exchange = {
  method: "GET",
  path: "/api/products/prd_1?x=1",
  status: 200,
  headers: { ...always, "content-type": "application/json; charset=utf-8", etag: '"3"' },
  text: JSON.stringify({ success: true, data: product }),
};

const refused = (code: keyof typeof refusals, facts = {}): Exchange => {
  const { status, headers, body } = problemAnswer({ code, facts }, { locale: "en", instance: "/", tokenSent: false });
  const pairs = headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1]] as const] : [],
  );
  return { ...shown, status, headers: { ...always, ...Object.fromEntries(pairs) }, text: String(body) };
};

test("what the document names is fine: shown, not modified, refused, and by HEAD", () => {
  expect(differences(shown)).toEqual([]);
  expect(differences({ ...shown, status: 304, headers: { ...always, etag: '"3"' }, text: "" })).toEqual([]);
  expect(differences({ ...shown, method: "HEAD", text: "" })).toEqual([]);
  expect(differences(refused("PRODUCT_NOT_FOUND"))).toEqual([]);
  expect(
    differences({ ...shown, text: JSON.stringify({ success: true, data: { ...product, colour: "added later" } }) }),
  ).toEqual([]);
});

test.each<[string, Exchange, RegExp]>([
  ["a status", { ...shown, status: 206 }, /answers 206/],
  ["a code", refused("SKU_TAKEN"), /answers 409/],
  ["a code of a status that is named", refused("USER_NOT_FOUND"), /must match exactly one|must be equal/],
  ["a content type", { ...shown, headers: { ...shown.headers, "content-type": "text/plain" } }, /text\/plain/],
  [
    "a field that is missing",
    { ...shown, text: JSON.stringify({ success: true, data: { ...product, price: undefined } }) },
    /price/,
  ],
  [
    "a field of another type",
    { ...shown, text: JSON.stringify({ success: true, data: { ...product, stock: "5" } }) },
    /must be integer/,
  ],
  ["a header that is missing", { ...shown, headers: { ...shown.headers, etag: undefined } }, /lacks etag/],
  ["a header of another form", { ...shown, headers: { ...shown.headers, etag: "3" } }, /has etag: 3/],
  ["a header that it does not name", { ...shown, headers: { ...shown.headers, location: "/" } }, /carries location/],
  ["a body where there is none", { ...shown, status: 304, headers: { ...always, etag: '"3"' } }, /has a body/],
  ["a method that the path does not have", { ...shown, method: "PUT" }, /answers 200 where only 405/],
  ["a path that is not there", { ...shown, path: "/api/nothing" }, /answers 200 where only 404/],
])("%s is seen", (_what, exchange, said) => {
  expect(differences(exchange).join("\n")).toMatch(said);
});

test("every code of the catalogue is an answer of some route, or told why not", () => {
  const document = JSON.stringify(openApi(routes).paths);
  // The first is between services; the second is for proxies before us, as nothing of ours counts requests yet.
  const internal = ["PAYMENT_NOT_AUTHORIZED", "TOO_MANY_REQUESTS"];
  const nowhere = Object.keys(refusals).filter(
    code => !document.includes(`\`${code}\``) && !NOWHERE.some(known => known === code) && !internal.includes(code),
  );
  expect(nowhere).toEqual([]);
});

test("what is not found at a path with an id has a code of its own, which the row says", () => {
  for (const route of routes) {
    if (!("action" in route) || !route.path.includes(":")) continue;
    expect([route.path, contractOf(route.action).refuses.filter(code => refusals[code].status === 404)]).toEqual([
      route.path,
      [route.notFound],
    ]);
  }
});

// The edge cache keeps answers no longer than they are true.
import { type Answer, json, noContent } from "../../services/api/http/response";
import { EdgeCache } from "../../services/api/cache/edge-cache";
import { deferred } from "../helpers/deferred";

const answer = (text: string): Answer => json(text);
const LIST = "/api/products?limit=20";
let time = 0;
const newCache = (options: { maxEntries?: number; maxBytes?: number } = {}) =>
  new EdgeCache({ now: () => time, ...options });
beforeEach(() => {
  time = 0;
});

test("an answer is asked for once and then ready until it is too old", async () => {
  const cache = newCache();
  const load = jest.fn(async () => answer("a"));
  await cache.answer(LIST, undefined, load);
  expect(cache.get(LIST)?.body?.toString()).toBe(`"a"`);
  time = 4999;
  await cache.answer(LIST, undefined, load);
  expect(load).toHaveBeenCalledTimes(1);
  time = 5000;
  expect(cache.get(LIST)).toBeUndefined();
  await cache.answer(LIST, undefined, load);
  expect(load).toHaveBeenCalledTimes(2);
});

test("the age counts from the moment of asking, not of the answer", async () => {
  const cache = newCache();
  const slow = deferred<Answer>();
  const filled = cache.answer(LIST, undefined, () => slow.promise);
  time = 4000;
  slow.resolve(answer("a"));
  await filled;
  time = 5000;
  expect(cache.get(LIST)).toBeUndefined();
});

test("many who miss at once share one call, also when it fails", async () => {
  const cache = newCache();
  const slow = deferred<Answer>();
  const load = jest.fn(() => slow.promise);
  const waiting = Array.from({ length: 50 }, () => cache.answer(LIST, undefined, load));
  slow.reject(new Error("down"));
  const results = await Promise.allSettled(waiting);
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  expect(load).toHaveBeenCalledTimes(1);
  await expect(cache.answer(LIST, undefined, async () => answer("up"))).resolves.toMatchObject({ status: 200 });
});

test("a fill from before a change is not stored, and a reader from after it does not join", async () => {
  const cache = newCache();
  const before = deferred<Answer>();
  const after = deferred<Answer>();
  const early = cache.answer(LIST, undefined, () => before.promise);
  cache.drop("prd_1");
  const late = cache.answer(LIST, undefined, () => after.promise);
  after.resolve(answer("new"));
  expect((await late).body?.toString()).toBe(`"new"`);
  before.resolve(answer("old"));
  await early;
  expect(cache.get(LIST)?.body?.toString()).toBe(`"new"`);
});

test("a change of one product leaves the others where they are", async () => {
  const cache = newCache();
  for (const id of ["prd_1", "prd_2"]) await cache.answer(`/api/products/${id}`, id, async () => answer(id));
  await cache.answer(LIST, undefined, async () => answer("list"));
  cache.drop("prd_1");
  expect(["/api/products/prd_1", "/api/products/prd_2", LIST].map(url => cache.get(url) !== undefined)).toEqual([
    false,
    true,
    false,
  ]);
});

test("nothing but 200 is stored", async () => {
  const cache = newCache();
  await cache.answer(LIST, undefined, async () => noContent());
  expect(cache.get(LIST)).toBeUndefined();
});

test("of too many entries or bytes, the oldest go", async () => {
  const few = newCache({ maxEntries: 2 });
  for (const url of ["a", "b", "c"]) await few.answer(url, undefined, async () => answer(url));
  expect(["a", "b", "c"].map(url => few.get(url) !== undefined)).toEqual([false, true, true]);

  const small = newCache({ maxBytes: 250 });
  for (const url of ["a", "b", "c"]) await small.answer(url, undefined, async () => answer("x".repeat(98)));
  expect(["a", "b", "c"].map(url => small.get(url) !== undefined)).toEqual([false, true, true]);
  // What was dropped no longer counts.
  small.drop("any");
  for (const url of ["d", "e"]) await small.answer(url, undefined, async () => answer("x".repeat(98)));
  expect(["d", "e"].map(url => small.get(url) !== undefined)).toEqual([true, true]);
});

// Looking for keys: a key that was published is found however soon its token comes, and made-up ids cause no flood.
import { generateKeyPairSync } from "node:crypto";
import { VerificationKeys } from "../../lib/access/verification-keys";

const jwk = (kid: string) =>
  ({ ...generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }), kid }) as Record<
    string,
    string
  >;

test("a token of a key that was published a moment ago waits for the next look that is allowed", async () => {
  const published = [jwk("a")];
  const keys = new VerificationKeys(
    async () => ({ keys: [...published] }),
    () => undefined,
  );
  for (const kid of ["a", "made-up-1", "made-up-2"]) await keys.get(kid);
  // The looks that may follow each other at once are used up.
  published.push(jwk("b"));
  expect(await keys.get("b")).toBeDefined();
});

test("who comes while a look is under way that began too early gets another one", async () => {
  const published = [jwk("a")];
  const held: (() => void)[] = [];
  const keys = new VerificationKeys(
    async () => {
      const read = [...published];
      if (held.length === 0) await new Promise<void>(resolve => held.push(resolve));
      return { keys: read };
    },
    () => undefined,
  );
  const first = keys.get("a");
  while (held.length === 0) await new Promise(resolve => setImmediate(resolve));
  published.push(jwk("b"));
  const second = keys.get("b");
  held[0]?.();
  expect([await first, await second].every(Boolean)).toBe(true);
});

test("a thousand made-up key ids cost a handful of looks, and what cannot wait is refused honestly", async () => {
  let looks = 0;
  const keys = new VerificationKeys(
    async () => {
      looks += 1;
      return { keys: [] };
    },
    () => undefined,
  );
  const results: PromiseSettledResult<unknown>[] = [];
  for (let round = 0; round < 10; round += 1) {
    results.push(
      ...(await Promise.allSettled(Array.from({ length: 100 }, (_, index) => keys.get(`${round}-${index}`)))),
    );
  }
  expect(looks).toBeLessThan(25);
  const refused = results.filter(result => result.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
});

test("verified tokens are forgotten when keys come or go, and only then", async () => {
  const published = [jwk("a")];
  const changed = jest.fn();
  const keys = new VerificationKeys(async () => ({ keys: [...published] }), changed);
  await keys.get("a");
  await keys.get("unknown");
  expect(changed).toHaveBeenCalledTimes(1);
  published.splice(0, 1, jwk("b"));
  await keys.get("b");
  expect(changed).toHaveBeenCalledTimes(2);
  expect(await keys.get("b")).toBeDefined();
});

// Access tokens: what a good one proves, and that each forgery is answered like every other.
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { AccessTokens, type Authority } from "../../lib/access/access-tokens";
import { ACCESS_TOKEN_LIFE_S, callerIn } from "../../lib/access/claims";
import type { Actor } from "../../lib/contract";
import { parseKey } from "../../services/users/signing-key";
import { issueAccessToken } from "../../services/users/tokens";

const pemOf = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const makeKey = () => parseKey(pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey), "TOKEN_KEY");

const key = makeKey();
const kim: Actor = { id: "usr_1", role: "customer", session: "ses_1", version: 3 };
const start = new Date("2026-01-01T00:00:00.500Z");
const roles = { customer: "by its token", admin: "confirmed" } as const;
/** One that publishes these keys, has ended nothing and confirms everybody. */
const authority = (...keys: Record<string, string>[]): Authority => ({
  keys: async () => ({ keys }),
  endings: async () => ({ log: "l", at: null, commits: [], head: 0 }),
  standing: async () => "admin",
  feed: "users",
  roles,
});
const verifier = (now = start) => new AccessTokens(authority(key.jwk), () => now);
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const parts = (token: string) =>
  token
    .split(".")
    .slice(0, 2)
    .map(part => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>);
const [header = {}, claims = {}] = parts(issueAccessToken(key, kim, start));
/** A token made by hand, with a signature that is right unless another signer is given. */
const forge = (
  head: unknown,
  body: unknown,
  signer = (text: string): Buffer =>
    signBytes("sha256", Buffer.from(text), { key: key.privateKey, dsaEncoding: "ieee-p1363" }),
) => {
  const text = `${encode(head)}.${encode(body)}`;
  return `${text}.${signer(text).toString("base64url")}`;
};
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
const publicPem = createPublicKey(key.privateKey).export({ type: "spki", format: "pem" }).toString();

describe("an access token", () => {
  test("proves who is calling, in which role and session, for 15 minutes", async () => {
    const token = issueAccessToken(key, kim, start);
    expect(ACCESS_TOKEN_LIFE_S).toBe(900);
    await expect(verifier().verify(token)).resolves.toMatchObject(kim);
    await expect(verifier(later(898)).verify(token)).resolves.toMatchObject(kim);
    await expect(verifier(later(901)).verify(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("expires also for a verifier that has seen it before", async () => {
    let now = start;
    const tokens = new AccessTokens(authority(key.jwk), () => now);
    const token = issueAccessToken(key, kim, start);
    await tokens.verify(token);
    now = later(901);
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("is typed, names its key, and carries nothing but what is needed", () => {
    expect(header).toEqual({ alg: "ES256", typ: "at+jwt", kid: key.kid });
    expect(Object.keys(claims).sort()).toEqual(["aud", "exp", "iat", "iss", "jti", "role", "sid", "sub", "ver"]);
  });

  const CONTROL =
    "made by hand with the right key and all claims passes, so that the forgeries below fail for their one flaw";
  test(CONTROL, async () => {
    await expect(verifier().verify(forge(header, claims))).resolves.toMatchObject(kim);
  });
});

const hmac = (secret: string) => (text: string) => createHmac("sha256", secret).update(text).digest();
const intruder = makeKey();
const forgeries: Record<string, string> = {
  "alg none": `${encode({ ...header, alg: "none" })}.${encode(claims)}.`,
  "alg none with a signature": forge({ ...header, alg: "none" }, claims),
  "HS256 with the public key's PEM as secret": forge({ ...header, alg: "HS256" }, claims, hmac(publicPem)),
  "HS256 with the public key's JWK as secret": forge(
    { ...header, alg: "HS256" },
    claims,
    hmac(JSON.stringify(key.jwk)),
  ),
  "another algorithm of the same family": forge({ ...header, alg: "ES384" }, claims),
  "an unknown key id": forge({ ...header, kid: intruder.kid }, claims),
  "no key id": forge({ alg: header.alg, typ: header.typ }, claims),
  "a key id that is no string": forge({ ...header, kid: { $ne: null } }, claims),
  "another key under our key id": issueAccessToken({ ...intruder, kid: key.kid }, kim, start),
  "an embedded jwk": forge({ ...header, jwk: intruder.jwk }, claims, text =>
    signBytes("sha256", Buffer.from(text), { key: intruder.privateKey, dsaEncoding: "ieee-p1363" }),
  ),
  "an embedded jwk beside a right signature": forge({ ...header, jwk: key.jwk }, claims),
  "a jku": forge({ ...header, jku: "https://intruder.example/jwks.json" }, claims),
  crit: forge({ ...header, crit: ["exp"] }, claims),
  b64: forge({ ...header, b64: false }, claims),
  "typ JWT": forge({ ...header, typ: "JWT" }, claims),
  "no typ": forge({ alg: header.alg, kid: header.kid }, claims),
  "no exp": forge(header, without("exp")),
  "an exp that is no number": forge(header, { ...claims, exp: "9999999999" }),
  "an exp in the past": forge(header, { ...claims, exp: start.getTime() / 1000 - 1 }),
  "not valid yet": forge(header, { ...claims, nbf: start.getTime() / 1000 + 60 }),
  "another issuer": forge(header, { ...claims, iss: "https://intruder.example" }),
  "no issuer": forge(header, without("iss")),
  "another audience": forge(header, { ...claims, aud: "elsewhere" }),
  "no audience": forge(header, without("aud")),
  "no subject": forge(header, without("sub")),
  "no session": forge(header, without("sid")),
  "an unknown role": forge(header, { ...claims, role: "root" }),
  "no version": forge(header, without("ver")),
  "a version that is no number": forge(header, { ...claims, ver: "9" }),
  "a version that is no whole number": forge(header, { ...claims, ver: 1.5 }),
  "a version of no account": forge(header, { ...claims, ver: 0 }),
  "a version beyond counting": forge(header, { ...claims, ver: 1e300 }),
  "a life without end": forge(header, { ...claims, exp: 1e300 }),
  "an infinite life": forge(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')),
  "a life one second too long": forge(header, { ...claims, exp: Number(claims.exp) + 1 }),
  "a life that is over before it begins": forge(header, {
    ...claims,
    iat: Number(claims.iat) + 30,
    exp: Number(claims.iat) + 10,
  }),
  "no iat": forge(header, without("iat")),
  "issued long after now": forge(header, { ...claims, iat: Number(claims.iat) + 120, exp: Number(claims.exp) + 120 }),
  "an iat that is no number": forge(header, { ...claims, iat: String(claims.iat) }),
  "issued before time": forge(header, { ...claims, iat: -1e300 }),
  "changed claims": forge(header, { ...claims, role: "admin" }, () =>
    Buffer.from(issueAccessToken(key, kim, start).split(".")[2] ?? "", "base64url"),
  ),
  "a DER signature": forge(header, claims, text => signBytes("sha256", Buffer.from(text), key.privateKey)),
  "an all-zero signature": forge(header, claims, () => Buffer.alloc(64)),
  "an empty signature": `${encode(header)}.${encode(claims)}.`,
  "a payload that is no object": forge(header, "5"),
  "a payload that is no JSON": forge({ ...header, typ: "JWT" }, "{"),
  "a refresh token": "ses_7849ef7b.Pg-1CZ_fNXqkmWab17zwJeS2fKpGnLmY0d5V",
  nothing: "",
  "three words": "not.a.token",
};

test.each(Object.entries(forgeries))("%s is answered like every other bad token", async (_flaw, token) => {
  await expect(verifier().verify(token)).rejects.toMatchObject({ name: "Refusal", code: "UNAUTHENTICATED", data: {} });
});

const flaws = [
  { alg: "none" },
  { alg: "HS256" },
  { alg: "ES384" },
  { typ: "JWT" },
  { jku: "https://intruder.example" },
  { kid: undefined },
];
test.each(flaws)("who says %j in a header is refused before anybody is asked for keys", async flaw => {
  const keys = jest.fn(async () => ({ keys: [key.jwk] }));
  const tokens = new AccessTokens({ ...authority(), keys }, () => start);
  await expect(tokens.verify(forge({ ...header, kid: "unknown", ...flaw }, claims))).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
  expect(keys).not.toHaveBeenCalled();
});

describe("claims by themselves, whatever else looks at a token", () => {
  const now = Number(claims.iat) + 0.5;
  test("name the caller until they expire", () => {
    expect(callerIn(claims, now, roles)).toMatchObject(kim);
    expect(callerIn(claims, Number(claims.exp) - 0.5, roles)).toMatchObject(kim);
    expect(callerIn(claims, Number(claims.exp), roles)).toBeUndefined();
  });

  test.each(["sub", "role", "sid", "ver", "iat", "exp"])("name nobody when %s is missing, or of another kind", name => {
    const given = claims[name];
    const others = [
      undefined,
      null,
      typeof given === "number" ? String(given) : 5,
      [given],
      { value: given },
      true,
      NaN,
      Infinity,
      -Infinity,
    ];
    expect(others.map(other => callerIn({ ...claims, [name]: other }, now, roles))).toEqual(
      others.map(() => undefined),
    );
  });

  test.each([undefined, null, 5, "claims", []])("are an object, not %j", payload =>
    expect(callerIn(payload, now, roles)).toBeUndefined(),
  );
});

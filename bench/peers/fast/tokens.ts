// Access tokens of the monolith: signed and verified as the shop's own, and a token that was seen before is known.
import { createHash, generateKeyPairSync } from "node:crypto";
import { sign, verify } from "jsonwebtoken";

const LIFE_S = 900;
const MAX_KNOWN = 20_000;
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

interface Caller {
  id: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}
const known = new Map<string, Caller>();

export const issue = (id: string): string =>
  sign({ sub: id, role: "customer" }, keys.privateKey, { algorithm: "ES256", expiresIn: LIFE_S, issuer: "fast" });

/** Whose token it is; undefined when it is not good. */
export const callerOf = (authorization: string | undefined): string | undefined => {
  if (!authorization?.startsWith("Bearer ")) return undefined;
  const token = authorization.slice("Bearer ".length);
  const digest = createHash("sha256").update(token).digest("base64");
  const caller = known.get(digest) ?? learn(token, digest);
  return caller && caller.expiresAt > Date.now() / 1000 ? caller.id : undefined;
};

const learn = (token: string, digest: string): Caller | undefined => {
  try {
    const claims = verify(token, keys.publicKey, { algorithms: ["ES256"], issuer: "fast" });
    if (typeof claims === "string" || !claims.sub || !claims.exp) return undefined;
    if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value ?? "");
    const caller = { id: claims.sub, expiresAt: claims.exp };
    known.set(digest, caller);
    return caller;
  } catch {
    return undefined;
  }
};

// Access tokens for tests that run without the users service: a key of the test's own, published as users.jwks.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import type { ServiceBroker } from "moleculer";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access";

/** Publishes a key on the broker and returns a function that makes tokens signed with it. */
export const tokenMaker = async (broker: ServiceBroker) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomUUID();
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg: ALGORITHM, use: "sig" };
  broker.createService({ name: "users", actions: { jwks: () => ({ keys: [jwk] }) } });
  await broker.waitForServices("users");
  return (userId: string, role: "customer" | "admin" = "customer"): string =>
    sign({ role, sid: `ses-${userId}` }, privateKey, { algorithm: ALGORITHM, keyid: kid, header: { alg: ALGORITHM, typ: TOKEN_TYPE, kid }, subject: userId, issuer: ISSUER, audience: AUDIENCE, expiresIn: 900 });
};

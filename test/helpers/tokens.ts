// Access tokens for tests that run without the users service: a key of the test's own, and somebody who confirms them.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import type { ServiceBroker } from "moleculer";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access/access-tokens";
import { ACCESS_TOKEN_LIFE_S } from "../../lib/access/claims";

/** Publishes a key on the broker and returns a function that makes tokens signed with it; none of them ever ends. */
export const tokenMaker = async (broker: ServiceBroker) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomUUID();
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg: ALGORITHM, use: "sig" };
  const admins = new Set<string>();
  broker.createService({
    name: "users",
    actions: {
      jwks: () => ({ keys: [jwk] }),
      endings: () => ({ log: "users", at: null, commits: [], head: 0 }),
      contact: ({ params }: { params: { id: string } }) => ({
        email: `${params.id}@example.com`,
        name: params.id,
        locale: "en",
      }),
      standing: ({ params }: { params: { session: string } }) => ({
        role: admins.has(params.session) ? "admin" : "customer",
      }),
    },
  });
  await broker.waitForServices("users");
  return (userId: string, role: "customer" | "admin" = "customer"): string => {
    const sid = `ses-${role}-${userId}`;
    if (role === "admin") admins.add(sid);
    const header = { alg: ALGORITHM, typ: TOKEN_TYPE, kid };
    return sign({ role, sid, ver: 1 }, privateKey, {
      algorithm: ALGORITHM,
      keyid: kid,
      header,
      subject: userId,
      issuer: ISSUER,
      audience: AUDIENCE,
      expiresIn: ACCESS_TOKEN_LIFE_S,
    });
  };
};

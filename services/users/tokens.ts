// Issues access tokens: short-lived, signed with a key that no other service has.
import { randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access";
import type { Actor } from "../../lib/contract";
import type { SigningKey } from "./signing-key";

/** Seconds that an access token is good for. */
export const ACCESS_TOKEN_LIFE = 900;

/** A signed RFC 9068 access token for one session. */
export const issueAccessToken = ({ kid, privateKey }: SigningKey, { id, role, session }: Actor, now: Date): string => {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: id, role, sid: session, iat, exp: iat + ACCESS_TOKEN_LIFE, jti: randomUUID() };
  return sign(claims, privateKey, { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TOKEN_TYPE, kid } });
};

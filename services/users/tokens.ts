// Issues access tokens: short-lived, signed with a key that no other service has.
import { randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access";
import type { Actor } from "../../lib/contract";
import type { SigningKey } from "./signing-key";

/** Seconds that an access token is good for. */
export const ACCESS_TOKEN_LIFE = 900;

/**
 * A signed RFC 9068 access token for one session.
 * @param at when the caller's rights were read: what ends them later ends this token too
 */
export const issueAccessToken = ({ kid, privateKey }: SigningKey, { id, role, session }: Actor, at: Date): string => {
  // With its milliseconds (RFC 7519, section 2): whoever signs in again in the second in which his sessions ended is in.
  const iat = at.getTime() / 1000;
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: id, role, sid: session, iat, exp: Math.floor(iat) + ACCESS_TOKEN_LIFE, jti: randomUUID() };
  return sign(claims, privateKey, { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TOKEN_TYPE, kid } });
};

// Issues access tokens: short-lived, signed with a key that no other service has.
import { randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access/access-tokens";
import { ACCESS_TOKEN_LIFE_S } from "../../lib/access/claims";
import type { Actor } from "../../lib/contract";
import type { SigningKey } from "./signing-key";

/**
 * A signed RFC 9068 access token for one session.
 * @param version where the account stood when its rights were read: what ends them at a later version ends this token
 * too
 */
export const issueAccessToken = (
  { kid, privateKey }: SigningKey,
  { id, role, session, version }: Actor,
  at: Date,
): string => {
  const iat = Math.floor(at.getTime() / 1000);
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: id,
    role,
    sid: session,
    ver: version,
    iat,
    exp: iat + ACCESS_TOKEN_LIFE_S,
    jti: randomUUID(),
  };
  return sign(claims, privateKey, { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TOKEN_TYPE, kid } });
};

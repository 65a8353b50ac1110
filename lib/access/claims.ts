// What an access token says, and how long it may be believed. Pure.
import type { Actor, Role } from "../contract";

/** The roles there are, and whether whoever comes in one is confirmed against the log, whatever his token says. */
export type Roles = Readonly<Record<Role, "by its token" | "confirmed">>;

/** Seconds that an access token is good for; no token is believed for longer, whatever it says. */
export const ACCESS_TOKEN_LIFE_S = 900;
/** Seconds that the clocks of two machines may differ. */
export const CLOCK_SKEW_S = 60;

/** The claims that are this system's own or limit the token's life; the others are checked with the signature. */
interface Claims {
  sub: string;
  role: Actor["role"];
  sid: string;
  ver: number;
  iat: number;
  exp: number;
}

export interface Verified extends Actor {
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

const isClaims = (value: unknown, roles: Roles): value is Claims => {
  if (typeof value !== "object" || value === null) return false;
  const { sub, role, sid, ver, iat, exp } = value as Partial<Record<keyof Claims, unknown>>;
  const isRole = typeof role === "string" && Object.hasOwn(roles, role);
  const isCaller = typeof sub === "string" && isRole && typeof sid === "string";
  return isCaller && Number.isSafeInteger(ver) && Number(ver) >= 1 && Number.isFinite(iat) && Number.isFinite(exp);
};

/**
 * The caller that the payload of a signed token proves; undefined when it proves nothing.
 * @param now seconds since the epoch
 */
export const callerIn = (payload: unknown, now: number, roles: Roles): Verified | undefined => {
  if (!isClaims(payload, roles)) return undefined;
  const { sub, role, sid, ver, iat, exp } = payload;
  const isInTime = exp > now && exp > iat && exp - iat <= ACCESS_TOKEN_LIFE_S && iat <= now + CLOCK_SKEW_S;
  return isInTime ? { id: sub, role, session: sid, version: ver, expiresAt: exp } : undefined;
};
